#pragma once

#include <vector>

#include "advisor/core/command_port.hpp"
#include "slurm/cluster_facts.hpp"

namespace amorsize::slurm {

/// My accounts' limits as sacctmgr tells them; empty where it may not or cannot.
std::vector<AccountLimits> read_account_limits(const CommandPort& run);
/// The limits of every quality of service, its least request among them (associations have none);
/// empty where sacctmgr may not or cannot.
std::vector<QosLimits> read_qos_limits(const CommandPort& run);

}  // namespace amorsize::slurm
