#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace amorsize {

/// Exit codes of every command; docs/manifest.md lists them for users.
enum class ExitCode {
    ok = 0,          ///< advice given; a verdict of "serial" is advice
    internal = 1,    ///< a fault of ours
    usage = 2,       ///< wrong options
    bad_input = 3,   ///< manifest, samples, profile or plan
    infeasible = 4,  ///< nothing fits; the advice says what would
    environment = 5  ///< Slurm, MPI, a node or the file system failed us
};

/// What stops a command: thrown at the edges, caught once in each main.
/// `what()` is the message: what was asked and what was found instead.
class Error : public std::runtime_error {
public:
    Error(ExitCode exit_code, const std::string& message, std::string advice = {})
        : std::runtime_error(message), code(exit_code), hint(std::move(advice)) {}

    ExitCode code;
    std::string hint;  ///< what to do about it; may be empty
};

}  // namespace amorsize
