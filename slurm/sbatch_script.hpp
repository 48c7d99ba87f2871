#pragma once

#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/manifest.hpp"

namespace amorsize::slurm {

/// One `#SBATCH` line.
struct Directive {
    std::string option;  ///< "--nodes=2"
    std::string why;     ///< beside it in the script; may be empty
};

/// What is asked of sbatch, each with its reason. Values of the manifest come last and are quoted.
std::vector<Directive> directives(const Manifest&, const Advice&);

/// The whole script: directives, environment, prelude, and `launch`, every word quoted for the
/// shell. Nothing of the manifest reaches the shell unquoted but the prelude, which is meant to.
/// `plan_path` is what AMORSIZE_PLAN tells the job.
std::string sbatch_script(const Manifest&, const Advice&, const std::vector<std::string>& launch,
                          const std::string& plan_path);

/// `word` as one shell word: plain if safe, otherwise in single quotes.
std::string shell_quoted(const std::string& word);

}  // namespace amorsize::slurm
