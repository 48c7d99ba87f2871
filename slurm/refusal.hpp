#pragma once

#include <string>

#include "advisor/core/error.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::slurm {

/// Slurm's refusal in the manifest's terms: which key asks for what it will not give, and what to
/// do. `what` was refused ("the script"), `said` are Slurm's words, of any release from 20.11 on.
/// The error is "infeasible" where another manifest would be taken, "environment" where Slurm
/// itself is in trouble or its words are not known.
Error explained(const std::string& what, const std::string& said, const Manifest&,
                const std::string& partition);

}  // namespace amorsize::slurm
