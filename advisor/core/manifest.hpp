#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

enum class JobKind { tasks, mpi };
enum class Mode { exec, batch, stream, program };
enum class SampleChoice { spread, first, random };
enum class Goal { time, cost, turnaround };
enum class Launcher { srun, mpirun };
enum class StrategyChoice { automatic, job, array };

/// A list is an argument vector and never sees a shell; a string runs through `bash -c`.
struct Command {
    std::vector<std::string> argv;  ///< for a shell command: one element, the text
    bool shell = false;
};

/// Where the items come from.
struct ItemRange {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};  ///< begin <= item < end
struct ItemFile {
    std::string path;
};  ///< one item a line
struct ItemGlob {
    std::string pattern;
};
struct ItemCount {
    std::int64_t count = 0;
};
using Items = std::variant<ItemRange, ItemFile, ItemGlob, ItemCount>;

/// What one worker takes.
struct Resources {
    int threads = 1;
    bool try_threads = false;     ///< auto: as many as are found to serve the job best
    std::optional<Bytes> memory;  ///< absent: measured
    int gpus = 0;
};

struct SamplePolicy {
    int size = 5;
    bool may_grow = true;  ///< more items while each is worth its cost; not where a size was given
    SampleChoice choose = SampleChoice::spread;
    Seconds budget{60};
    std::optional<Seconds> timeout;  ///< of one item; absent: the budget
    bool reuse = false;  ///< keep the output of sampled items, so that the run need not repeat them
};

/// Figures the user knows, in place of a sample run.
struct KnownProfile {
    std::optional<Seconds> seconds;
    std::optional<double> cv;  ///< standard deviation of the item time over its mean
    std::optional<Bytes> peak_memory;
    std::optional<Fraction> cpu_share;  ///< CPU time over wall time of one worker and thread
};

struct Limits {
    std::optional<int> nodes;
    std::optional<Seconds> time;
    std::optional<std::string> partition;
    std::optional<std::string> account;
    std::optional<std::string> qos;
    std::optional<std::string> constraint;
};

struct Retry {
    int attempts = 1;
    Seconds backoff{0};
};

/// What the user declares in job.yaml. Meanings, defaults and bounds: docs/manifest.md.
struct Manifest {
    std::string name;
    std::string directory;  ///< absolute directory of the manifest; relative paths start here
    JobKind kind = JobKind::tasks;
    Mode mode = Mode::exec;
    Command command;
    Items items;
    Resources resources;
    SamplePolicy sample;
    KnownProfile profile;
    Limits limits;
    Goal goal = Goal::time;
    StrategyChoice strategy = StrategyChoice::automatic;
    Fraction risk{0.05};
    Fraction headroom{0.2};
    Launcher launcher = Launcher::srun;
    Retry retry;
    bool history = true;  ///< learn from earlier runs, and remember this one
    std::map<std::string, std::string> environment;
    std::vector<std::string> prelude;  ///< shell lines before the launch
    std::map<std::string, std::string>
        slurm;  ///< further sbatch options by long name; empty value: a flag
};

}  // namespace amorsize
