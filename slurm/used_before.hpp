#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/units.hpp"
#include "slurm/sacct.hpp"

namespace amorsize::slurm {

/// What a job needed, kept for the requests of later jobs of its name: what it took, if it
/// completed; of one that ran out of time or memory, twice what it had of that, and nothing of the
/// other, which it did not come to need.
struct UsedBefore {
    std::string id;
    std::string name;
    int nodes = 1;
    std::optional<Seconds> time;
    std::optional<Bytes> memory_per_node;
};

/// Nothing for a job that ended otherwise, or whose name holds a control character.
std::optional<UsedBefore> used_by(const JobRecord&);

/// One line a job, oldest first: id, nodes, seconds, bytes (either may be "-") and name, with tabs
/// between them.
std::string to_text(const std::vector<UsedBefore>&);
/// Reads that; a line that is none is passed over, since a part of the file is better than nothing.
std::vector<UsedBefore> parse_used_before(std::string_view text);

/// The known jobs and those of `more`, each once, the latest last and at most 500 of them.
std::vector<UsedBefore> remembered(std::vector<UsedBefore> known,
                                   const std::vector<UsedBefore>& more);

}  // namespace amorsize::slurm
