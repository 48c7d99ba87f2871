#include "slurm/hooks/node_hooks.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "advisor/core/host_list.hpp"
#include "advisor/measure/node_report.hpp"
#include "slurm/hooks/trusted_folder.hpp"

namespace amorsize::hooks {

namespace {

constexpr const char* kClassKeys[] = {"cpu_model", "packages", "numa_domains",
                                      "cores",     "cpus",     "memory_mib"};

constexpr const char* kKilledForMemory = "0:125";  // how Slurm writes its SIG_OOM

std::string variable(const Variables& variables, const char* name) {
    return variables(name).value_or("");
}

std::string first_line(const char* path) {
    const std::string text = measure::read_system_file({}, path).value_or("");
    return text.substr(0, text.find('\n'));
}

/// Changes with every boot, and when CPUs or memory are plugged in or out.
std::string hardware_now() {
    return fmt::format("{} {} {} {}", first_line("/proc/sys/kernel/random/boot_id"),
                       first_line("/sys/devices/system/cpu/online"),
                       first_line("/sys/devices/system/node/online"), first_line("/proc/meminfo"));
}

std::string ranges(std::vector<int> numbers) {
    std::sort(numbers.begin(), numbers.end());
    std::string text;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[i]);
        if (last > i) text += fmt::format("-{}", numbers[last]);
        i = last;
    }
    return text;
}

std::string domain_cpus(const Topology& machine) {
    std::string text;
    for (std::size_t d = 0; d < machine.domains.size(); ++d) {
        std::vector<int> pus;
        for (const Core& core : machine.cores) {
            if (core.domain == static_cast<int>(d)) {
                pus.insert(pus.end(), core.pus.begin(), core.pus.end());
            }
        }
        text += (d == 0 ? "" : "/") + ranges(std::move(pus));
    }
    return text;
}

KeyValues measure_facts(const std::string& hardware) {
    const measure::NodeQuick node = measure::measure_quick();
    return {{"hardware", hardware},
            {"cpu_model", node.cpu_model},
            {"packages", std::to_string(node.machine.packages)},
            {"numa_domains", std::to_string(node.machine.domains.size())},
            {"numa_cpus", domain_cpus(node.machine)},
            {"cores", std::to_string(node.machine.cores.size())},
            {"cpus", std::to_string(hardware_threads(node.machine))},
            {"memory_mib", std::to_string(node.memory.installed.value / kMiB.value)}};
}

std::optional<KeyValues> cached_facts(const TrustedFolder& state, const std::string& hardware) {
    const auto text = state.read("node");
    const auto facts = text ? parse_key_values(*text) : std::nullopt;
    return facts && value_of(*facts, "hardware") == hardware ? facts : std::nullopt;
}

KeyValues node_facts(const TrustedFolder& state) {
    const std::string hardware = hardware_now();
    if (const auto cached = cached_facts(state, hardware)) return *cached;
    const auto lock = state.lock("facts.lock", 200);
    if (const auto cached = cached_facts(state, hardware)) return *cached;  // another hook's
    if (!lock) return {};
    KeyValues facts = measure_facts(hardware);
    state.replace("node", to_text(facts));
    return facts;
}

void write_job_file(const TrustedFolder& jobs, const std::string& job, const KeyValues& facts,
                    const Variables& variables, std::time_t started) {
    const std::string node = plain_word(variable(variables, "SLURMD_NODENAME"));
    const std::string nodes =
        variables("SLURM_JOB_NODELIST").value_or(variable(variables, "SLURM_NODELIST"));
    const std::string cpus =
        granted_cpus(node, nodes, variable(variables, "SLURM_JOB_CPUS_PER_NODE"));
    KeyValues file{{"AMORSIZE_JOB_STARTED", std::to_string(started)}, {"AMORSIZE_NODE", node}};
    if (!cpus.empty()) file["AMORSIZE_JOB_CPUS"] = cpus;
    const std::pair<const char*, const char*> names[] = {{"AMORSIZE_NODE_CPUS", "cpus"},
                                                         {"AMORSIZE_NODE_CORES", "cores"},
                                                         {"AMORSIZE_NODE_PACKAGES", "packages"},
                                                         {"AMORSIZE_NODE_MEMORY_MIB", "memory_mib"},
                                                         {"AMORSIZE_NODE_DOMAINS", "numa_domains"},
                                                         {"AMORSIZE_NODE_DOMAIN_CPUS", "numa_cpus"},
                                                         {"AMORSIZE_NODE_IN_CLASS", "in_class"}};
    for (const auto& [name, key] : names) {
        if (const std::string value = value_of(facts, key); !value.empty()) file[name] = value;
    }
    jobs.replace(job, to_text(file));
}

std::string log_line(std::time_t now, const std::string& text) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ} {}\n", fmt::gmtime(now), text);
}

/// The script's exit code and signal, and the worst of its steps'.
std::string exit_words(const Variables& variables) {
    const std::string script = variable(variables, "SLURM_JOB_EXIT_CODE2");  // "1:0"
    if (script.empty() || script.find_first_not_of("0123456789:-") != std::string::npos) return {};
    const int wait_status = positive(variable(variables, "SLURM_JOB_DERIVED_EC")).value_or(0);
    const std::string steps = fmt::format("{}:{}", wait_status >> 8 & 0xff, wait_status & 0x7f);
    const bool ran_out = script == kKilledForMemory || steps == kKilledForMemory;
    return fmt::format(" exit={} steps={}{}", script, steps, ran_out ? " out_of_memory=yes" : "");
}

/// "yes" or "no"; nothing if the disk does not let us say.
std::string judge_class(const Site& site, const std::string& node, const KeyValues& facts) {
    const auto record = TrustedFolder::open(site.record, true);
    if (!record) return {};
    const auto text = record->read("class");
    const auto expected = text ? parse_key_values(*text) : std::nullopt;
    if (!expected) {
        KeyValues as_it_is;
        for (const char* key : kClassKeys) as_it_is[key] = value_of(facts, key);
        return !text && record->replace("class", to_text(as_it_is)) ? "yes" : "";
    }
    const std::vector<std::string> differing = differences(*expected, facts);
    for (const std::string& what : differing) {
        if (!record->append(
                node + ".log",
                log_line(std::time(nullptr), fmt::format("out_of_class node={} {}", node, what))))
            return {};
    }
    return differing.empty() ? "yes" : "no";
}

}  // namespace

std::vector<std::string> differences(const KeyValues& expected, const KeyValues& found) {
    std::vector<std::string> all;
    for (const char* key : kClassKeys) {
        const std::string wanted = value_of(expected, key);
        const std::string is = value_of(found, key);
        if (wanted.empty() || wanted == is) continue;
        const double ratio = std::atof(is.c_str()) / std::max(1.0, std::atof(wanted.c_str()));
        const bool near =
            std::string(key) == "memory_mib" && ratio > 1 - 1.0 / 32 && ratio < 1 + 1.0 / 32;
        if (!near) all.push_back(fmt::format("{} expected={} found={}", key, wanted, is));
    }
    return all;
}

std::string granted_cpus(const std::string& node, const std::string& nodes,
                         const std::string& cpus_per_node) {
    std::vector<std::string> names;
    std::string word;
    int depth = 0;
    for (const char c : nodes + ",") {
        depth += c == '[' ? 1 : c == ']' ? -1 : 0;
        if (c != ',' || depth > 0) {
            word += c;
            continue;
        }
        const auto list = HostList::parse(word);
        if (!list || list->size() > 65536) return {};
        for (const std::string& name : list->names(65536)) names.push_back(name);
        word.clear();
    }
    const auto place =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), node) - names.begin());
    if (place == names.size()) return {};
    std::size_t before = 0;
    for (std::size_t at = 0; at < cpus_per_node.size();) {
        const std::size_t end = std::min(cpus_per_node.find(',', at), cpus_per_node.size());
        const std::string part = cpus_per_node.substr(at, end - at);
        const std::size_t bracket = part.find("(x");
        const auto cpus = positive(part.substr(0, bracket));
        const auto times = bracket == std::string::npos ? std::optional<int>(1)
                           : part.back() != ')'
                               ? std::nullopt
                               : positive(part.substr(bracket + 2, part.size() - bracket - 3));
        if (!cpus || !times) return {};
        before += static_cast<std::size_t>(*times);
        if (place < before) return std::to_string(*cpus);
        at = end + 1;
    }
    return {};
}

void run_prolog(const Site& site, const Variables& variables) {
    const auto job = positive(variable(variables, "SLURM_JOB_ID"));
    const auto state = TrustedFolder::open(site.state, true);
    const auto jobs = TrustedFolder::open(site.state + "/jobs", true);
    if (!job || !state || !jobs) return;
    const std::string file = std::to_string(*job);
    const std::time_t now = std::time(nullptr);
    KeyValues facts = node_facts(*state);
    write_job_file(*jobs, file, facts, variables, now);

    // From here on a disk may hang. Whoever hangs keeps the lock, so that one process does, not one
    // a job.
    if (facts.empty() || facts.count("in_class") != 0) return;
    const auto lock = state->lock("record.lock", 0);
    if (!lock) return;
    const std::string verdict =
        judge_class(site, plain_word(variable(variables, "SLURMD_NODENAME")), facts);
    if (verdict.empty()) return;
    facts["in_class"] = verdict;
    state->replace("node", to_text(facts));
    write_job_file(*jobs, file, facts, variables, now);
}

void run_epilog(const Site& site, const Variables& variables) {
    const auto job = positive(variable(variables, "SLURM_JOB_ID"));
    const auto state = TrustedFolder::open(site.state, true);
    const auto jobs = TrustedFolder::open(site.state + "/jobs", true);
    if (!job || !state || !jobs) return;
    const std::string file = std::to_string(*job);
    const auto known = parse_key_values(jobs->read(file).value_or("")).value_or(KeyValues{});
    jobs->remove(file);

    const std::string node = plain_word(variable(variables, "SLURMD_NODENAME"));
    const std::time_t now = std::time(nullptr);
    std::string outcome = fmt::format("outcome job={} user={} partition={} node={}", *job,
                                      plain_word(variable(variables, "SLURM_JOB_UID")),
                                      plain_word(variable(variables, "SLURM_JOB_PARTITION")), node);
    if (const std::string cpus = value_of(known, "AMORSIZE_JOB_CPUS"); !cpus.empty()) {
        outcome += " cpus=" + cpus;
    }
    if (const auto started = std::atoll(value_of(known, "AMORSIZE_JOB_STARTED").c_str());
        started > 0 && started <= now) {  // a clock may have been set back
        outcome += fmt::format(" seconds={}", now - started);
    }
    outcome += exit_words(variables);
    if (const auto restarts = positive(variable(variables, "SLURM_JOB_RESTART_COUNT"))) {
        outcome += fmt::format(" restarts={}", *restarts);
    }
    const auto lock = state->lock("record.lock", 200);
    if (!lock) return;
    const auto record = TrustedFolder::open(site.record, true);
    if (record) record->append(node + ".log", log_line(now, outcome));
}

}  // namespace amorsize::hooks
