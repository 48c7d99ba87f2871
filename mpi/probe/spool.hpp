#pragma once

#include <string>
#include <vector>

#include "advisor/core/node_survey.hpp"

namespace amorsize::probe {

/// A folder that every node sees, where each node puts its own report as soon as it has one. What
/// lies there outlives the ranks: if MPI takes the job down with a lost node, the others' reports
/// are still read.
class Spool {
public:
    explicit Spool(std::string folder) : folder_(std::move(folder)) {}

    /// Makes the folder and removes reports of an earlier probe. Throws Error (environment).
    void clear() const;
    /// Adds one node's report. Throws Error (environment).
    void put(const std::string& host, const NodeSurvey&) const;
    /// Removes the reports, and the folder if nothing else is in it. Best effort.
    void remove() const;

    const std::string& folder() const { return folder_; }

private:
    std::string folder_;
};

/// What lies in a spool.
struct Collected {
    NodeSurvey survey;
    std::vector<std::string> refused;  ///< files that are no reports, with the reason
};
/// Throws Error (bad_input) if there is no such folder.
Collected collect(const Spool&);

}  // namespace amorsize::probe
