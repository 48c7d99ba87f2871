#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/core/manifest.hpp"
#include "advisor/core/node_offer.hpp"
#include "advisor/core/units.hpp"

namespace amorsize::slurm {

/// A program to run on nodes of a visit, once on each, bound to nothing: the node's CPUs side by
/// side are what is to be measured.
struct VisitStep {
    std::vector<std::string> command;
    int nodes = 1;
    std::string node;         ///< which one, if it is one and that matters; empty: any
    std::string mpi{"none"};  ///< for srun --mpi; empty: the cluster's default
    Seconds most;             ///< then it is killed; 0: the job's own limit will do
    std::string telling;      ///< shown as it begins; empty: it tells by itself
};

/// What a visit to compute nodes asks of Slurm.
struct NodeVisit {
    std::string name;  ///< the job's
    Seconds time;      ///< at most, on the nodes
    bool in_allocation =
        false;  ///< steps of the job we are in already, in place of an allocation of its own
    std::vector<std::string> nodes;  ///< by name; empty: any of the offer's kind
    std::optional<Bytes> memory;     ///< of each node; absent: all that it has
    std::vector<VisitStep> steps;    ///< one after another, whatever becomes of those before
};

/// The arguments that take the nodes whole, run the steps there and give the nodes back. salloc
/// takes the nodes and srun runs there: srun alone gives a step only the CPUs it names, whose
/// count on the node granted is not known beforehand. Account, QoS, reservation and node lists are
/// the manifest's, so that the visit is let in where the job will be.
std::vector<std::string> visit_arguments(const NodeVisit&, const Manifest&, const NodeOffer&);

/// Does the manifest itself say which nodes its jobs may have?
bool names_nodes(const Manifest&);

/// Is this variable of the caller's environment one that would change what such a step asks for?
/// srun reads most of its options from variables too, and some of a job's exclude each other.
bool is_srun_option_variable(const std::string& name);

/// The job that salloc says it waits for or was granted: "14"; nothing on other lines.
std::optional<std::string> allocation_named(const std::string& salloc_line);

/// Why a step brought nothing back: Slurm's own words, without the program's name before each.
std::string step_failure(const std::string& errors);

}  // namespace amorsize::slurm
