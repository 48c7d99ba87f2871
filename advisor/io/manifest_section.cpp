#include "advisor/io/manifest_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/worker_environment.hpp"
#include "advisor/io/manifest_parts.hpp"

namespace amorsize {

namespace {

using yaml::Section;

constexpr std::size_t kLongestName = 64;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/// What makes a name unfit for file names and --job-name; empty if nothing does.
std::string fault_of_name(const std::string& name) {
    if (name.empty()) return "is empty";
    if (name.size() > kLongestName) return fmt::format("is longer than {} bytes", kLongestName);
    if (name.front() == '-' || name.front() == '.')
        return fmt::format("{} starts with '{}'", in_quotes(name), name.front());
    if (!std::all_of(name.begin(), name.end(), is_name_character)) {
        return fmt::format("{} holds a character that file names should not", in_quotes(name));
    }
    return "";
}

std::string read_name(Section& job, const std::string& stem) {
    constexpr const char* hint =
        "use letters, digits, '.', '_' and '-', at most 64, not starting with '.' or '-'";
    const auto given = job.text("name");
    if (job.has("name")) {
        if (!given) return stem;
        const std::string fault = fault_of_name(*given);
        if (!fault.empty()) job.fault("name", fault, hint);
        return *given;
    }
    const std::string fault = fault_of_name(stem);
    if (!fault.empty()) {
        job.fault("name",
                  fmt::format("is missing, and the file's own name gives none: it {}", fault),
                  "add name: my-job");
    }
    return stem;
}

Resources read_resources(Section& job, Mode mode) {
    Resources resources;
    auto section = job.section("resources");
    if (!section) return resources;
    const yaml::Node* threads = section->node("threads");
    resources.try_threads = threads != nullptr && !threads->quoted && threads->text == "auto";
    if (!resources.try_threads) {
        resources.threads = section->small_integer("threads", 1).value_or(1);
    } else if (mode != Mode::exec) {
        section->fault("threads",
                       "is auto: items are tried again with more threads, as only mode: exec can",
                       "write how many threads a worker has");
    }
    resources.gpus = section->small_integer("gpus", 0).value_or(0);
    const yaml::Node* memory = section->node("memory");
    if (memory != nullptr && memory->text != "auto") {
        resources.memory = section->size("memory");
        if (resources.memory && resources.memory->value == 0) {
            section->fault("memory", "is 0, but a worker needs some",
                           "write memory: auto to have it measured");
        }
    }
    section->finish();
    return resources;
}

SamplePolicy read_sample(Section& job) {
    SamplePolicy policy;
    auto section = job.section("sample");
    if (!section) return policy;
    const auto size = section->small_integer("size", 1);
    policy.size = size.value_or(policy.size);
    policy.may_grow = !size;
    policy.choose = section->word("choose", sample_choices()).value_or(policy.choose);
    const auto budget = section->duration("budget");
    must_be_positive(*section, "budget", budget);
    policy.budget = budget.value_or(policy.budget);
    policy.timeout = section->duration("timeout");
    must_be_positive(*section, "timeout", policy.timeout);
    policy.reuse = section->boolean("reuse").value_or(false);
    section->finish();
    return policy;
}

KnownProfile read_profile(Section& job) {
    KnownProfile profile;
    auto section = job.section("profile");
    if (!section) return profile;
    profile.seconds = section->seconds("seconds");
    must_be_positive(*section, "seconds", profile.seconds);
    profile.cv = section->number("cv");
    if (profile.cv && *profile.cv < 0) {
        section->fault("cv", "is negative",
                       "it is the standard deviation of the item time over its mean, 0 or more");
    }
    if (profile.cv && !section->has("seconds")) {
        section->fault("cv", "says nothing without seconds",
                       "add profile.seconds, the mean time of an item");
    }
    profile.peak_memory = section->size("peak_memory");
    if (profile.peak_memory && profile.peak_memory->value == 0) {
        section->fault("peak_memory", "is 0, but a process needs some",
                       "leave the key out to have it measured");
    }
    if (const auto share = section->number("cpu_share")) {
        if (*share <= 0 || *share > 1) {
            section->fault("cpu_share",
                           fmt::format("is {}, but must be above 0 and at most 1", *share),
                           "it is CPU time over wall time of one item");
        }
        profile.cpu_share = Fraction{*share};
    }
    section->finish();
    return profile;
}

Fraction read_risk(Section& job, Fraction fallback) {
    const auto risk = job.number("risk");
    if (risk && !(*risk > 0 && *risk < 1)) {
        job.fault("risk", fmt::format("is {}, but must be above 0 and below 1", *risk),
                  "it is the accepted chance that memory or time runs out: 0.05");
    }
    return risk ? Fraction{*risk} : fallback;
}

Fraction read_headroom(Section& job, Fraction fallback) {
    const auto headroom = job.number("headroom");
    if (headroom && !(*headroom >= 0 && *headroom < 1)) {
        job.fault("headroom", fmt::format("is {}, but must be at least 0 and below 1", *headroom),
                  "it is the share of memory left free: 0.2");
    }
    return headroom ? Fraction{*headroom} : fallback;
}

Retry read_retry(Section& job) {
    Retry retry;
    auto section = job.section("retry");
    if (!section) return retry;
    retry.attempts = section->small_integer("attempts", 1).value_or(1);
    retry.backoff = section->duration("backoff").value_or(Seconds{0});
    section->finish();
    return retry;
}

Mode read_mode(Section& job, JobKind kind) {
    const auto mode = job.word("mode", modes());
    if (kind == JobKind::tasks) return mode.value_or(Mode::exec);
    if (mode && *mode != Mode::program) {
        job.fault("mode", "is for many independent items, but kind: mpi is one program",
                  "remove mode, or write kind: tasks");
    }
    return Mode::program;
}

void check_open_threads(Section& job, const Manifest& manifest) {
    if (!manifest.resources.try_threads) return;
    for (const std::string_view name : kThreadVariables) {
        if (!manifest.environment.contains(std::string(name))) continue;
        job.fault("environment",
                  fmt::format("sets {}, but resources.threads: auto tries several", name),
                  "leave one of the two out");
    }
}

/// Keys of the sections below the top, for people who wrote one a level too high.
std::vector<std::string> keys_below() {
    return {"resources.threads", "resources.memory", "resources.gpus",      "sample.size",
            "sample.choose",     "sample.budget",    "sample.timeout",      "sample.reuse",
            "profile.seconds",   "profile.cv",       "profile.peak_memory", "limits.nodes",
            "limits.time",       "limits.partition", "limits.account",      "limits.qos",
            "limits.constraint", "items.range",      "items.file",          "items.glob",
            "items.count",       "retry.attempts",   "retry.backoff"};
}

}  // namespace

void must_be_positive(Section& section, const std::string& key,
                      const std::optional<Seconds>& time) {
    if (time && time->value == 0)
        section.fault(key, "is 0, but must be longer", "write a time above 0, as 30min");
}

const yaml::Words<JobKind>& job_kinds() {
    static const yaml::Words<JobKind> words{{"tasks", JobKind::tasks}, {"mpi", JobKind::mpi}};
    return words;
}

const yaml::Words<Mode>& modes() {
    static const yaml::Words<Mode> words{{"exec", Mode::exec},
                                         {"batch", Mode::batch},
                                         {"stream", Mode::stream},
                                         {"program", Mode::program}};
    return words;
}

const yaml::Words<Goal>& goals() {
    static const yaml::Words<Goal> words{
        {"time", Goal::time}, {"cost", Goal::cost}, {"turnaround", Goal::turnaround}};
    return words;
}

const yaml::Words<StrategyChoice>& strategy_choices() {
    static const yaml::Words<StrategyChoice> words{{"auto", StrategyChoice::automatic},
                                                   {"job", StrategyChoice::job},
                                                   {"array", StrategyChoice::array}};
    return words;
}

const yaml::Words<Launcher>& launchers() {
    static const yaml::Words<Launcher> words{{"srun", Launcher::srun},
                                             {"mpirun", Launcher::mpirun}};
    return words;
}

const yaml::Words<SampleChoice>& sample_choices() {
    static const yaml::Words<SampleChoice> words{{"spread", SampleChoice::spread},
                                                 {"first", SampleChoice::first},
                                                 {"random", SampleChoice::random}};
    return words;
}

void check_version(Section& top) {
    constexpr std::int64_t kVersion = 1;
    top.missing("amorsize", "the version of the file's format", "add amorsize: 1");
    const auto version = top.integer("amorsize", {std::numeric_limits<std::int64_t>::min()});
    if (version && *version != kVersion) {
        top.fault("amorsize",
                  fmt::format("is {}, but this program reads version {}", *version, kVersion),
                  "write amorsize: 1");
    }
}

StrategyChoice read_strategy(Section& job, const Manifest& manifest) {
    const auto choice = job.word("strategy", strategy_choices());
    const bool one_program = manifest.kind == JobKind::mpi || manifest.mode == Mode::program;
    if (choice == StrategyChoice::array && one_program) {
        job.fault("strategy", "array shares out the items, and this program shares them out itself",
                  "leave strategy out, or use mode exec, batch or stream");
    }
    return choice.value_or(StrategyChoice::automatic);
}

Manifest manifest_of(Section& job, const std::string& stem, const std::string& directory) {
    Manifest manifest;
    check_version(job);
    manifest.name = read_name(job, stem);
    manifest.directory = directory;
    manifest.kind = job.word("kind", job_kinds()).value_or(JobKind::tasks);
    manifest.mode = read_mode(job, manifest.kind);
    manifest.command = read_command(job);
    check_placeholders(job, manifest);
    manifest.items = read_items(job, manifest);
    manifest.resources = read_resources(job, manifest.mode);
    manifest.sample = read_sample(job);
    manifest.profile = read_profile(job);
    manifest.limits = read_limits(job);
    manifest.goal = job.word("goal", goals()).value_or(Goal::time);
    manifest.strategy = read_strategy(job, manifest);
    manifest.risk = read_risk(job, manifest.risk);
    manifest.headroom = read_headroom(job, manifest.headroom);
    manifest.launcher = job.word("launcher", launchers()).value_or(Launcher::srun);
    manifest.retry = read_retry(job);
    manifest.history = job.boolean("history").value_or(true);
    manifest.environment = read_environment(job);
    check_open_threads(job, manifest);
    manifest.prelude = read_prelude(job);
    manifest.slurm = read_slurm(job);
    job.finish(keys_below());
    return manifest;
}

}  // namespace amorsize
