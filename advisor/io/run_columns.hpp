#pragma once

#include <string>
#include <vector>

#include "advisor/core/finished_run.hpp"

namespace amorsize {

// How the parts of a run that have no column type of their own are kept in the history.

/// "out of memory"; what the history and its exports say.
const char* name_of(RunOutcome);
/// RunOutcome::stopped for a word that is none.
RunOutcome outcome_named(const std::string& word);

/// JSON arrays of arrays. Reading gives what can be made sense of: advice does not depend on it.
std::string co_runs_text(const std::vector<CoRun>&);
std::vector<CoRun> co_runs_of(const std::string& text);
std::string samples_text(const std::vector<Sample>&);
std::vector<Sample> samples_of(const std::string& text);

}  // namespace amorsize
