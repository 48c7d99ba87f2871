#pragma once

#include <optional>
#include <string>

namespace amorsize {

/// Why an option may not stand under `slurm:`, and what to write instead.
struct SbatchOptionFault {
    std::string message;
    std::string hint;
};

/// Checks one long option name of sbatch (without dashes) and its value; an empty value stands for
/// a flag.
std::optional<SbatchOptionFault> check_sbatch_option(const std::string& name,
                                                     const std::string& value);

}  // namespace amorsize
