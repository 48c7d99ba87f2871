#pragma once

#include <string>
#include <vector>

#include "advisor/core/command_port.hpp"
#include "advisor/core/finished_run.hpp"
#include "advisor/io/history.hpp"

namespace amorsize::cli {

/// Asks accounting what became of the job's runs that began and told nothing since, and keeps the
/// answer: out of memory and the time limit for what they are, any other end as "stopped", after
/// which nothing grows. A requeued job's last start alone has that of the job. Runs that go on, or
/// that accounting does not know, stay as they are. Where accounting cannot be asked, a note says
/// so.
void settle_lost_runs(History&, const JobIdentity&, const CommandPort&,
                      std::vector<std::string>& notes);

}  // namespace amorsize::cli
