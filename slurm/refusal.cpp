#include "slurm/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <string_view>

namespace amorsize::slurm {

namespace {

struct Asked {
    const Manifest& manifest;
    const std::string& partition;
};

std::string account(const Asked& asked) {
    return asked.manifest.limits.account
               ? fmt::format("limits.account: {} may not be used by you in partition {}",
                             *asked.manifest.limits.account, asked.partition)
               : fmt::format("your default account may not be used in partition {}",
                             asked.partition);
}

std::string qos(const Asked& asked) {
    return asked.manifest.limits.qos
               ? fmt::format("limits.qos: {} may not be used with this account and partition",
                             *asked.manifest.limits.qos)
               : "your default quality of service may not be used here";
}

std::string partition_name(const Asked& asked) {
    return fmt::format("limits.partition: there is no partition {}", asked.partition);
}

std::string partition_closed(const Asked& asked) {
    return fmt::format("limits.partition: {} is not open to you", asked.partition);
}

std::string partition_down(const Asked& asked) {
    return fmt::format("partition {} takes no jobs now: it is down, drained or reserved",
                       asked.partition);
}

std::string constraint(const Asked& asked) {
    return fmt::format("limits.constraint: {} names no feature of the nodes",
                       asked.manifest.limits.constraint.value_or("what is planned"));
}

std::string configuration(const Asked& asked) {
    return asked.manifest.limits.constraint
               ? fmt::format("limits.constraint: no node of partition {} with {} has what is asked",
                             asked.partition, *asked.manifest.limits.constraint)
               : fmt::format("no nodes of partition {} have what is asked for", asked.partition);
}

std::string nodes(const Asked& asked) {
    return fmt::format("limits.nodes: partition {} does not give so many nodes to a job",
                       asked.partition);
}

std::string time(const Asked& asked) {
    return fmt::format("limits.time: longer than partition {} allows", asked.partition);
}

std::string policy(const Asked& asked) {
    return fmt::format("the limits of account {} and of its quality of service forbid it",
                       asked.manifest.limits.account.value_or("(your default one)"));
}

std::string memory(const Asked& asked) {
    return fmt::format("resources.memory: partition {} does not give a job so much on a node",
                       asked.partition);
}

std::string gpus(const Asked&) {
    return "resources.gpus: the nodes do not have such GPUs";
}

std::string option_of_slurm(const Asked&) {
    return "an option under slurm: is not taken";
}

std::string silent(const Asked&) {
    return "Slurm's controller does not answer";
}

std::string identity(const Asked&) {
    return "Slurm does not trust this machine's credentials";
}

struct Known {
    std::string_view words;  // in Slurm's message, small letters
    std::string (*meaning)(const Asked&);
    const char* hint;
    ExitCode code;
};

constexpr const char* kAskSacctmgr =
    "`sacctmgr show associations user=$USER format=account,partition,qos` lists what is yours";
constexpr const char* kAskSinfo =
    "`sinfo -o '%P %D %c %m %f %l'` lists partitions, nodes and features";

// The texts of src/common/slurm_errno.c; the first that is found counts.
constexpr std::array kKnown{
    Known{"accounting/qos policy", policy,
          "lower limits.nodes or limits.time, or name another limits.account or limits.qos; "
          "`sacctmgr show assoc user=$USER` and `sacctmgr show qos` list the limits",
          ExitCode::infeasible},
    Known{"invalid account", account, kAskSacctmgr, ExitCode::infeasible},
    Known{"invalid qos", qos, kAskSacctmgr, ExitCode::infeasible},
    Known{"invalid partition", partition_name, kAskSinfo, ExitCode::infeasible},
    Known{"group not permitted to use this partition", partition_closed, kAskSinfo,
          ExitCode::infeasible},
    Known{"not permitted to use this partition", partition_closed, kAskSinfo, ExitCode::infeasible},
    Known{"required partition not available", partition_down,
          "choose another with --partition, or wait", ExitCode::environment},
    Known{"required node not available", partition_down, "choose another with --partition, or wait",
          ExitCode::environment},
    Known{"invalid feature", constraint, kAskSinfo, ExitCode::infeasible},
    Known{"generic resource (gres)", gpus, "`sinfo -o '%P %G'` lists them", ExitCode::infeasible},
    Known{"node configuration is not available", configuration, kAskSinfo, ExitCode::infeasible},
    Known{"node count", nodes, "lower limits.nodes or --nodes", ExitCode::infeasible},
    Known{"partition node limit", nodes, "lower limits.nodes or --nodes", ExitCode::infeasible},
    Known{"more processors requested", nodes, "lower limits.nodes or --nodes",
          ExitCode::infeasible},
    Known{"time limit", time, "lower limits.time or choose another --partition",
          ExitCode::infeasible},
    Known{"memory specification", memory,
          "fewer or smaller workers: resources.memory, or a larger "
          "--partition",
          ExitCode::infeasible},
    Known{"memory required by task", memory,
          "fewer or smaller workers: resources.memory, or a "
          "larger --partition",
          ExitCode::infeasible},
    Known{"reservation", option_of_slurm,
          "slurm.reservation: `scontrol show reservation` lists "
          "them",
          ExitCode::infeasible},
    Known{"license", option_of_slurm, "slurm.licenses: `scontrol show licenses` lists them",
          ExitCode::infeasible},
    Known{"wckey", option_of_slurm, "slurm.wckey: `sacctmgr show wckey` lists them",
          ExitCode::infeasible},
    Known{"dependency", option_of_slurm, "slurm.dependency: is the job it names still known?",
          ExitCode::infeasible},
    Known{"unrecognized option", option_of_slurm, "this release of sbatch does not know it",
          ExitCode::infeasible},
    Known{"unable to contact slurm controller", silent, "see `scontrol ping`, then try again",
          ExitCode::environment},
    Known{"socket timed out", silent, "see `scontrol ping`, then try again", ExitCode::environment},
    Known{"authentication", identity, "is munge up? `munge -n | unmunge` tells",
          ExitCode::environment},
};

std::string small_letters(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ';');
    return text;
}

}  // namespace

Error explained(const std::string& what, const std::string& said, const Manifest& manifest,
                const std::string& partition) {
    const std::string message = small_letters(said);
    const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& one) {
        return message.find(one.words) != std::string::npos;
    });
    if (known == kKnown.end()) {
        return {ExitCode::environment,
                fmt::format("Slurm refuses {}: {}", what,
                            said.empty() ? "it does not say why" : one_line(said)),
                "see what it would take with `sbatch --test-only`"};
    }
    return {known->code,
            fmt::format("Slurm refuses {}: {} (\"{}\")", what,
                        known->meaning({manifest, partition}), one_line(said)),
            known->hint};
}

}  // namespace amorsize::slurm
