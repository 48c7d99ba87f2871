#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/manifest.hpp"
#include "advisor/core/node_offer.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::slurm {

/// What a visit to one compute node asks of Slurm.
struct SampleStep {
    std::string name;  ///< the job's
    Seconds time;      ///< at most, on the node
    bool in_allocation =
        false;  ///< a step of the job we are in already, in place of an allocation of its own
};

/// The arguments that run `command` once on one whole node of the offer's kind, bound to nothing:
/// its CPUs side by side are what is to be measured. salloc takes the node and srun runs there:
/// srun alone gives a step only the CPUs it names, whose count on the node granted is not known
/// beforehand. Account, QoS, reservation and node lists are the manifest's, so that the sample is
/// let in where the job will be.
std::vector<std::string> sample_step_arguments(const SampleStep&, const Manifest&, const NodeOffer&,
                                               const std::vector<std::string>& command);

/// Is this variable of the caller's environment one that would change what such a step asks for?
/// srun reads most of its options from variables too, and some of a job's exclude each other.
bool is_srun_option_variable(const std::string& name);

/// The job that salloc says it waits for or was granted: "14"; nothing on other lines.
std::optional<std::string> allocation_named(const std::string& salloc_line);

/// Why the step brought nothing back: Slurm's own words, without the program's name before each.
std::string step_failure(const std::string& errors);

}  // namespace amorsize::slurm
