#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mpi/run/pipe_end.hpp"

namespace amorsize::run {

/// Files one rank of one run wrote.
struct RankFiles {
    int epoch = 1;
    int rank = 0;
    std::string journal;
    std::string output;
};

/// The folder NAME.run beside NAME.plan.yaml, on a file system that all nodes share:
///   journal.EPOCH.RANK  what has ended, by rank RANK of run EPOCH (journal.hpp)
///   output.EPOCH.RANK   what the items printed (output_store.hpp)
///   items               which items the folder belongs to: their number and a checksum
///   lock                held while a run is going on
///   report.json         the outcome of the last run
/// Every run of the plan is an epoch of its own, so that no file is ever written twice: two files a
/// rank and run. An element of a job array has a folder of the same kind in it, element.NUMBER.
class RunFolder {
public:
    /// `plan_path`: NAME.plan.yaml or any other file; the folder need not exist.
    explicit RunFolder(const std::string& plan_path);
    /// The folder of one element within this one.
    RunFolder of_element(int element) const;

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    /// NAME.joblog, NAME.failed: beside the folder. For an element NAME.run/element.NUMBER.joblog.
    std::string sibling(const std::string& suffix) const { return stem_ + suffix; }

    RankFiles files_of(int epoch, int rank) const;
    /// All there are, by epoch and rank, and after them those of the elements.
    std::vector<RankFiles> all_files() const;
    /// The elements that have a folder, ascending.
    std::vector<int> elements() const;
    /// The last epoch that left a file of any kind, also one broken off between two; 0: none.
    int last_epoch() const;
    void create() const;
    /// Removes everything earlier runs left, their job log and list of failed items too.
    void clear() const;

private:
    /// Epoch and rank of every file KIND.EPOCH.RANK, in order.
    std::vector<std::pair<int, int>> named(const char* kind) const;

    std::string stem_;
    std::string path_;
};

/// Which of the items are run: element `number` of `count` has the items number, number + count,
/// ...
struct ArrayShare {
    int number = 0;
    int count = 1;

    bool has(std::int64_t item) const { return item % count == number; }
};

/// Keeps a second run of the same plan out while this one lives, on other nodes too. Ranks other
/// than 0 take part so that what a killed run left behind is noticed as long as it still writes.
/// Elements of one array keep out runs of the whole and elements of an array of another size.
class RunLock {
public:
    /// Rank 0: takes the lock, after waiting some seconds for ranks of an earlier run to be gone.
    /// Throws Error (environment) that says who holds it.
    static RunLock for_run(const RunFolder& folder);
    /// Any other rank, after rank 0.
    static RunLock for_rank(const RunFolder& folder, int rank);
    /// Every rank of an element, in the folder of the whole, before the element's own.
    static RunLock for_element(const RunFolder& whole, const ArrayShare& share);

    /// False where the file system cannot lock: then nothing is kept out.
    bool effective() const { return effective_; }

private:
    RunLock(Descriptor file, bool effective) : file_(std::move(file)), effective_(effective) {}

    Descriptor file_;
    bool effective_;
};

}  // namespace amorsize::run
