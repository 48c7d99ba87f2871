#include "slurm/cluster_facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "advisor/core/error.hpp"
#include "slurm/account_limits.hpp"
#include "slurm/parse_nodes.hpp"
#include "slurm/parse_records.hpp"
#include "slurm/parse_values.hpp"

namespace amorsize::slurm {
namespace {

// scontrol itself gives up on a silent controller after MessageTimeout, 10 s unless a site raised
// it.
constexpr Seconds kLimit{20};

std::string first_line(std::string_view text) {
    return std::string(trimmed(trimmed(text).substr(0, trimmed(text).find('\n'))));
}

std::string ask(const CommandPort& run, const std::vector<std::string>& argv) {
    const auto result = run(argv, kLimit);
    const auto command = fmt::format("{}", fmt::join(argv, " "));
    if (result.timed_out) {
        throw Error(
            ExitCode::environment,
            fmt::format("`{}` did not answer within {:.0f} s", command, kLimit.value),
            "see whether the controller is up with `scontrol ping`; plan from a saved profile "
            "with --cluster FILE, or for this machine with --local");
    }
    if (result.status == 127) {
        throw Error(ExitCode::environment, fmt::format("`{}` was not found on PATH", argv.front()),
                    "load the site's Slurm module, plan for this machine with --local, or from a "
                    "saved profile with --cluster FILE");
    }
    if (result.status != 0) {
        const auto said = first_line(result.err.empty() ? result.out : result.err);
        throw Error(
            ExitCode::environment,
            fmt::format("`{}` failed with exit code {}: {}", command, result.status,
                        said.empty() ? "it said nothing" : said),
            "see whether the controller is up with `scontrol ping` and whether SLURM_CONF is "
            "right; plan from a saved profile with --cluster FILE, or for this machine "
            "with --local");
    }
    return result.out;
}

Version ask_version(const CommandPort& run) {
    const auto text = ask(run, {"sinfo", "--version"});
    const auto version = parse_version(text);
    if (version) return *version;
    throw Error(ExitCode::environment,
                fmt::format("`sinfo --version` named no version: {}", first_line(text)),
                "is `sinfo` on PATH Slurm's own?");
}

// "a" ... "z", "aa", "ab", ...
std::string class_name(std::size_t index) {
    std::string name;
    for (++index; index > 0; index = (index - 1) / 26) {
        name.insert(name.begin(), static_cast<char>('a' + (index - 1) % 26));
    }
    return name;
}

// Classes in the order their first node is listed, and the number of nodes of each in each
// partition.
struct Folded {
    std::vector<NodeClass> classes;
    std::vector<std::vector<ClassNode>> nodes;  // of each class
    std::map<std::string, std::map<int, int>, std::less<>> by_partition;
    int available = 0;
    int unavailable = 0;
};

Folded fold(const std::vector<Node>& nodes) {
    Folded folded;
    std::map<NodeShape, int> known;
    for (const auto& node : nodes) {
        if (!node.available) {
            ++folded.unavailable;
            continue;
        }
        ++folded.available;
        const auto [entry, fresh] =
            known.try_emplace(node.shape, static_cast<int>(folded.classes.size()));
        if (fresh) {
            folded.classes.push_back(node_class(class_name(folded.classes.size()), node.shape));
            folded.nodes.emplace_back();
        }
        folded.nodes[static_cast<std::size_t>(entry->second)].push_back(
            {node.name, node.boot_time, node.system, node.idle, node.partitions});
        for (const auto& partition : node.partitions) {
            ++folded.by_partition[partition][entry->second];
        }
    }
    return folded;
}

std::optional<int> count(const Record& record, std::string_view name) {
    const auto value = parse_count(field(record, name));
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

// A limit or default on memory is either per node or per CPU; what the partition leaves open, the
// cluster's configuration fills.
std::optional<Bytes> memory(const Record& partition, const Record& config, std::string_view kind,
                            std::string_view unit) {
    const auto name = fmt::format("{}MemPer{}", kind, unit);
    const auto other = fmt::format("{}MemPer{}", kind, unit == "CPU" ? "Node" : "CPU");
    if (const auto own = parse_memory(field(partition, name)); own && own->value > 0) return own;
    if (const auto own = parse_memory(field(partition, other)); own && own->value > 0) return {};
    const auto shared = parse_memory(field(config, name));
    return shared && shared->value > 0 ? shared : std::nullopt;
}

// "FORCE:4"; with YES a job shares cores only if it asks to.
int jobs_per_core(std::string_view oversubscribe) {
    constexpr std::string_view forced = "FORCE:";
    if (!oversubscribe.starts_with(forced)) return 1;
    return std::max(1,
                    static_cast<int>(parse_count(oversubscribe.substr(forced.size())).value_or(1)));
}

Partition partition_of(const Record& record, const Record& config, const Folded& folded) {
    Partition partition;
    partition.name = field(record, "PartitionName");
    partition.is_default = field(record, "Default") == "YES";
    partition.max_nodes = count(record, "MaxNodes");
    if (const auto least = count(record, "MinNodes"); least > 1) partition.min_nodes = least;
    partition.max_time = parse_time(field(record, "MaxTime"));
    partition.max_memory_per_node = memory(record, config, "Max", "Node");
    partition.max_cpus_per_node = count(record, "MaxCPUsPerNode");
    partition.default_memory_per_cpu = memory(record, config, "Def", "CPU");
    partition.whole_nodes = field(record, "OverSubscribe") == "EXCLUSIVE";
    partition.jobs_per_core = jobs_per_core(field(record, "OverSubscribe"));
    if (const auto nodes = folded.by_partition.find(partition.name);
        nodes != folded.by_partition.end()) {
        for (const auto& [index, number] : nodes->second)
            partition.nodes.push_back({index, number});
    }
    return partition;
}

PartitionDetails details_of(const Record& record, const Record& config) {
    PartitionDetails details;
    details.name = field(record, "PartitionName");
    if (const auto qos = field(record, "QoS"); qos != "N/A") details.qos = qos;
    details.default_time = parse_time(field(record, "DefaultTime"));
    details.max_memory_per_cpu = memory(record, config, "Max", "CPU");
    details.default_memory_per_node = memory(record, config, "Def", "Node");
    return details;
}

Settings settings_of(const Record& config) {
    const auto select = field(config, "SelectTypeParameters");
    return {
        select.find("MEMORY") != std::string::npos || select.find("Memory") != std::string::npos,
        field(config, "MpiDefault"), field(config, "LaunchParameters"),
        field(config, "TaskPlugin")};
}

void require_partitions(const std::vector<Record>& records) {
    if (std::any_of(records.begin(), records.end(),
                    [](const Record& one) { return one.contains("PartitionName"); }))
        return;
    throw Error(ExitCode::environment, "Slurm shows no partition that you may use",
                "`sinfo --all` lists hidden ones too; plan from a saved profile with --cluster "
                "FILE, or for this machine with --local");
}

std::optional<MpiFacts> mpi_facts(const CommandPort& run) {
    const auto result = run({"srun", "--mpi=list"}, kLimit);
    if (result.timed_out) return std::nullopt;
    // Releases before 22.05 print the list on stderr.
    auto types = parse_mpi_list(result.out + result.err);
    if (result.status != 0 || types.empty()) return std::nullopt;
    return MpiFacts{{}, {}, std::move(types)};
}

bool limits_are_enforced(const Record& config) {
    const auto enforced = field(config, "AccountingStorageEnforce");
    return enforced.find("limits") != std::string::npos ||
           enforced.find("qos") != std::string::npos || enforced.find("safe") != std::string::npos;
}

void add_partitions(ClusterFacts& facts, const std::vector<Record>& records, const Record& config,
                    const Folded& folded) {
    for (const auto& record : records) {
        if (const auto state = field(record, "State"); state != "UP") {
            facts.closed.push_back(
                {field(record, "PartitionName"), field(record, "Default") == "YES", state});
            continue;
        }
        facts.cluster.partitions.push_back(partition_of(record, config, folded));
        facts.partitions.push_back(details_of(record, config));
    }
}

}  // namespace

ClusterFacts read_cluster_facts(const CommandPort& run) {
    ClusterFacts facts;
    facts.version = ask_version(run);
    const auto config = parse_config(ask(run, {"scontrol", "show", "config"}));
    const auto partitions =
        parse_one_line_records(ask(run, {"scontrol", "-o", "show", "partition"}));
    std::vector<Node> nodes;
    for (const auto& record :
         parse_one_line_records(ask(run, {"scontrol", "-o", "show", "node"}))) {
        if (record.contains("NodeName")) nodes.push_back(parse_node(record));
    }
    require_partitions(partitions);
    auto folded = fold(nodes);

    facts.settings = settings_of(config);
    facts.nodes_available = folded.available;
    facts.nodes_unavailable = folded.unavailable;
    add_partitions(facts, partitions, config, folded);
    facts.cluster.name = field(config, "ClusterName");
    facts.cluster.slurm_version = to_string(facts.version);
    facts.cluster.max_array_size = count(config, "MaxArraySize");
    facts.cluster.classes = std::move(folded.classes);
    facts.class_nodes = std::move(folded.nodes);
    facts.cluster.mpi = mpi_facts(run);
    if (limits_are_enforced(config)) {
        facts.accounts = read_account_limits(run);
        facts.qos = read_qos_limits(run);
    }
    return facts;
}

bool is_configured(const CommandPort& run) {
    const auto result = run({"sinfo", "--version"}, kLimit);
    return result.status != 127 &&
           result.err.find("Could not establish a configuration source") == std::string::npos;
}

}  // namespace amorsize::slurm
