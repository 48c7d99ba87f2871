#pragma once

#include <functional>
#include <string>

#include "mpi/run/team.hpp"

namespace amorsize::run {

/// Collective: does `work` on rank 0 and gives its text to every rank. What rank 0 throws as Error
/// is thrown on all of them, so that none waits for a rank that has given up.
std::string agree(Team& team, const std::function<std::string()>& work);

/// Collective: does `work` on every rank; if it throws Error on any, the first of these is thrown
/// on all.
void all_or_none(Team& team, const std::function<void()>& work);

}  // namespace amorsize::run
