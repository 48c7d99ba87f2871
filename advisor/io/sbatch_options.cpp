#include "advisor/io/sbatch_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "advisor/io/diagnostics.hpp"
#include "advisor/io/nearest.hpp"

namespace amorsize {

namespace {

// sbatch(1) of Slurm 20.11 to 25.05.
const std::set<std::string>& options_with_value() {
    static const std::set<std::string> names{"acctg-freq",     "bb",         "bbf",
                                             "begin",          "chdir",      "cluster-constraint",
                                             "clusters",       "comment",    "container",
                                             "container-id",   "cpu-freq",   "deadline",
                                             "delay-boot",     "dependency", "distribution",
                                             "error",          "exclude",    "export",
                                             "extra",          "gpu-bind",   "gpu-freq",
                                             "gres",           "gres-flags", "input",
                                             "licenses",       "mail-type",  "mail-user",
                                             "mcs-label",      "mem-bind",   "kill-on-invalid-dep",
                                             "priority",       "network",    "nodelist",
                                             "open-mode",      "output",     "power",
                                             "prefer",         "profile",    "propagate",
                                             "reservation",    "segment",    "signal",
                                             "switches",       "tmp",        "tres-bind",
                                             "wait-all-nodes", "wckey"};
    return names;
}

const std::set<std::string>& flags() {
    static const std::set<std::string> names{
        "contiguous", "hold",    "ignore-pbs", "no-kill", "no-requeue",
        "reboot",     "requeue", "spread-job", "stepmgr", "use-min-nodes"};
    return names;
}

const std::set<std::string>& flags_with_optional_value() {
    static const std::set<std::string> names{"get-user-env", "nice"};
    return names;
}

/// Options that the plan generates or that would break it, with what to write instead.
const std::map<std::string, std::string>& refused_options() {
    static const std::string planned = "the plan decides it";
    static const std::map<std::string, std::string> names{
        {"account", "write limits.account"},
        {"array", "the plan shares out the items inside one job; give them under items"},
        {"batch", planned},
        {"constraint", "write limits.constraint"},
        {"core-spec", planned},
        {"cores-per-socket", planned},
        {"cpus-per-gpu", "write resources.threads"},
        {"cpus-per-task", "write resources.threads"},
        {"exclusive", "the plan takes whole nodes where that pays"},
        {"export-file", "write environment"},
        {"extra-node-info", planned},
        {"gid", "submit as the user who is to run the job"},
        {"gpus", "write resources.gpus"},
        {"gpus-per-node", "write resources.gpus"},
        {"gpus-per-socket", "write resources.gpus"},
        {"gpus-per-task", "write resources.gpus"},
        {"help", "this is not an option of a job"},
        {"hint", planned},
        {"job-name", "write name"},
        {"mem", "write resources.memory"},
        {"mem-per-cpu", "write resources.memory"},
        {"mem-per-gpu", "write resources.memory"},
        {"mincpus", planned},
        {"nodefile", "write nodelist"},
        {"nodes", "write limits.nodes"},
        {"ntasks", planned},
        {"ntasks-per-core", planned},
        {"ntasks-per-gpu", planned},
        {"ntasks-per-node", planned},
        {"ntasks-per-socket", planned},
        {"overcommit", planned},
        {"oversubscribe", planned},
        {"parsable", "amorsize-advise --submit reads sbatch's answer itself"},
        {"partition", "write limits.partition"},
        {"qos", "write limits.qos"},
        {"quiet", "this is not an option of a job"},
        {"sockets-per-node", planned},
        {"test-only", "give it to sbatch yourself: sbatch --test-only NAME.sbatch"},
        {"thread-spec", planned},
        {"threads-per-core", planned},
        {"time", "write limits.time"},
        {"time-min", "write limits.time"},
        {"tres-per-task", "write resources"},
        {"uid", "submit as the user who is to run the job"},
        {"usage", "this is not an option of a job"},
        {"verbose", "this is not an option of a job"},
        {"version", "this is not an option of a job"},
        {"wait", "give it to sbatch yourself: sbatch --wait NAME.sbatch"},
        {"wrap", "write command"}};
    return names;
}

std::vector<std::string> allowed_options() {
    std::vector<std::string> names(options_with_value().begin(), options_with_value().end());
    names.insert(names.end(), flags().begin(), flags().end());
    names.insert(names.end(), flags_with_optional_value().begin(),
                 flags_with_optional_value().end());
    for (const auto& [name, instead] : refused_options()) names.push_back(name);
    return names;
}

SbatchOptionFault unknown_option(const std::string& name) {
    const std::size_t first = name.find_first_not_of('-');
    const std::string bare = first == std::string::npos ? "" : name.substr(first);
    const std::string near = nearest(bare, allowed_options());
    return {"is not a long option of sbatch",
            near.empty() ? "see sbatch --help; options are named without their dashes"
                         : fmt::format("did you mean {}?", near)};
}

}  // namespace

std::optional<SbatchOptionFault> check_sbatch_option(const std::string& name,
                                                     const std::string& value) {
    const auto refused = refused_options().find(name);
    if (refused != refused_options().end()) {
        return SbatchOptionFault{"may not stand here, the generated script would contradict it",
                                 refused->second};
    }
    const bool flag = flags().count(name) > 0;
    const bool either = flags_with_optional_value().count(name) > 0;
    if (!flag && !either && options_with_value().count(name) == 0) return unknown_option(name);
    if (flag && !value.empty()) {
        return SbatchOptionFault{fmt::format("takes no value, but has {}", in_quotes(value)),
                                 fmt::format("write {}: true", name)};
    }
    if (!flag && !either && value.empty())
        return SbatchOptionFault{"needs a value", fmt::format("write {}: VALUE", name)};
    return std::nullopt;
}

}  // namespace amorsize
