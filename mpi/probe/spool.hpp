#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/node_survey.hpp"

namespace amorsize::probe {

/// A folder that every node sees, where each node puts its own report as soon as it has one. What
/// lies there outlives the ranks: if MPI takes the job down with a lost node, the others' reports
/// are still read. Where its name is known beforehand another user may have made it: only one that
/// is ours alone is written to.
class Spool {
public:
    explicit Spool(std::string folder) : folder_(std::move(folder)) {}

    /// Makes the folder and removes reports of an earlier probe. Throws Error (environment).
    void clear() const;
    /// Notes which nodes are to report, so that whoever collects can tell who is missing. Best
    /// effort.
    void expect(const HostList&) const;
    /// Adds one node's report, making the folder if need be. Throws Error (environment).
    void put(const std::string& host, const NodeSurvey&) const;
    /// Tells ranks that wait for rank 0 that it is lost. Best effort.
    void give_up() const;
    bool given_up() const;
    /// Removes the reports, and the folder if nothing else is in it. Best effort.
    void remove() const;

    /// Whether the folder is there: between the first report and remove().
    bool present() const;
    /// What `put()` was given for this node; nothing if it was not, or cannot be read.
    std::optional<NodeSurvey> find(const std::string& host) const;

    const std::string& folder() const { return folder_; }

private:
    void note(const char* name, const std::string& text) const;

    std::string folder_;
};

/// What lies in a spool.
struct Collected {
    NodeSurvey survey;
    HostList expected;                 ///< empty: nobody noted it
    std::vector<std::string> refused;  ///< files that are no reports, with the reason
};
/// What others than `known` put there. Throws Error (bad_input) if there is no such folder.
Collected collect(const Spool&, const HostList& known = {});

/// Whose reports are waited for.
struct Awaited {
    HostList nodes;
    int ranks = 0;  ///< so many, where nobody knows the nodes
};
/// All reports once those of `awaited` and of the nodes noted in the spool are there, or at the
/// deadline. Where nobody knows whom to wait for, it waits until then.
Collected wait_and_collect(const Spool&, const Awaited& awaited,
                           std::chrono::steady_clock::time_point deadline);

}  // namespace amorsize::probe
