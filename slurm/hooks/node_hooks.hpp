#pragma once

#include <string>
#include <vector>

#include "slurm/hooks/key_values.hpp"
#include "slurm/hooks/site.hpp"

namespace amorsize::hooks {

/// Before a job: writes STATE/jobs/JOBID for it, from the node's facts, which are taken anew when
/// the boot or what is online changed. Then, since that may touch a disk, compares the node with
/// RECORD/class (made where there is none) once a boot and adds what differs to RECORD/NODE.log.
void run_prolog(const Site&, const Variables&);

/// After a job: removes its file, and adds its outcome to RECORD/NODE.log.
void run_epilog(const Site&, const Variables&);

/// What of the class a node no longer has: "memory_mib expected=2000 found=1000". Memory within
/// 1/32 counts as equal; what the class does not state is not compared.
std::vector<std::string> differences(const KeyValues& expected, const KeyValues& found);

/// CPUs granted on `node`, from SLURM_JOB_CPUS_PER_NODE ("2(x3),1") over the node list; "" if the
/// two do not tell.
std::string granted_cpus(const std::string& node, const std::string& nodes,
                         const std::string& cpus_per_node);

}  // namespace amorsize::hooks
