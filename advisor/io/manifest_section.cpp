#include "advisor/io/manifest_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/io/nearest.hpp"
#include "advisor/io/sbatch_options.hpp"

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

bool has_control_character(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
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

Command read_command(Section& job) {
    const yaml::Node* value = job.node("command");
    if (value == nullptr) {
        job.missing("command", "what to run", "add command: [PROGRAM, ARGUMENT, \"{item}\"]");
        return {};
    }
    Command command;
    if (value->kind == yaml::Kind::scalar) {
        command.shell = true;
        command.argv = {value->text};
    } else if (value->kind == yaml::Kind::list) {
        const auto argv = job.texts("command");
        if (!argv) return {};
        command.argv = *argv;
    } else {
        job.fault("command",
                  fmt::format("is {}, but must be a list (program and arguments) or text for bash",
                              yaml::describe(*value)));
        return {};
    }
    const bool nothing = command.argv.empty() ||
                         command.argv.front().find_first_not_of(" \t\r\n") == std::string::npos;
    if (nothing) {
        job.fault("command", "names no program",
                  "write [PROGRAM, ARGUMENT, ...] or one line for bash");
        return {};
    }
    return command;
}

bool holds(const Command& command, const std::string& text) {
    return std::any_of(command.argv.begin(), command.argv.end(), [&](const std::string& word) {
        return word.find(text) != std::string::npos;
    });
}

/// A word in braces that looks like a misspelt placeholder.
std::string misspelt_placeholder(const Command& command, const std::string& wanted) {
    for (const std::string& word : command.argv) {
        for (std::size_t open = word.find('{'); open != std::string::npos;
             open = word.find('{', open + 1)) {
            const std::size_t close = word.find('}', open);
            if (close == std::string::npos) break;
            const std::string inner = word.substr(open + 1, close - open - 1);
            if (!nearest(inner, {wanted}).empty()) return "{" + inner + "}";
        }
    }
    return "";
}

void check_placeholders(Section& job, const Manifest& manifest) {
    const Command& command = manifest.command;
    if (command.argv.empty()) return;
    const bool one = holds(command, "{item}");
    const bool many = holds(command, "{items}");
    switch (manifest.mode) {
        case Mode::exec:
            if (many) {
                job.fault("command", "holds {items}, but mode: exec runs one item a process",
                          "write \"{item}\", or mode: batch");
            } else if (const auto word = misspelt_placeholder(command, "item");
                       !one && !word.empty()) {
                job.fault("command", fmt::format("holds {}, which is no placeholder", in_quotes(word)),
                          "did you mean \"{item}\"?");
            }
            return;
        case Mode::batch:
            if (!many) {
                job.fault("command",
                          "must hold {items} in mode: batch, where the items of a chunk go",
                          one ? "write \"{items}\" in place of \"{item}\", or mode: exec"
                              : "add \"{items}\" as an argument of its own");
            }
            return;
        case Mode::stream:
            if (one || many) {
                job.fault("command",
                          "holds a placeholder, but in mode: stream the items come on standard "
                          "input, one a line",
                          "remove the placeholder, or write mode: exec");
            }
            return;
        case Mode::program:
            if (one || many) {
                job.fault("command",
                          "holds a placeholder, but in mode: program the command shares out its "
                          "items itself",
                          "read AMORSIZE_CHUNK and its kin in the program, or write mode: exec");
            }
            return;
    }
}

std::optional<ItemRange> read_range(Section& items) {
    const yaml::Node* value = items.node("range");
    constexpr const char* hint =
        "write range: [BEGIN, END]: BEGIN is the first item, END is one past the last";
    if (value->kind != yaml::Kind::list || value->items.size() != 2) {
        items.fault("range", "must be a list of two whole numbers", hint);
        return std::nullopt;
    }
    std::vector<std::int64_t> ends;
    for (const yaml::Node& end : value->items) {
        const Parsed<std::int64_t> number = parse_integer(end.text);
        if (end.kind != yaml::Kind::scalar || end.quoted) {
            items.fault_at(end.mark, "range",
                           fmt::format("{} is not a whole number", yaml::describe(end)), hint);
        } else if (!number) {
            items.fault_at(end.mark, "range",
                           fmt::format("{} {}", yaml::describe(end), number.message), number.hint);
        } else if (*number.value < 0) {
            items.fault_at(end.mark, "range", fmt::format("{} is negative", *number.value),
                           "items are numbered from 0 up");
        } else {
            ends.push_back(*number.value);
        }
    }
    if (ends.size() != 2) return std::nullopt;
    if (ends[1] < ends[0]) {
        items.fault("range", fmt::format("ends at {} before it begins at {}", ends[1], ends[0]),
                    hint);
        return std::nullopt;
    }
    if (ends[1] == ends[0]) {
        items.fault("range", "holds no items", hint);
        return std::nullopt;
    }
    return ItemRange{ends[0], ends[1]};
}

Items read_items(Section& job, const Manifest& manifest) {
    if (manifest.kind == JobKind::mpi && !job.has("items")) {
        job.skip({"items"});
        return ItemCount{1};
    }
    job.missing("items", "what the command is to work on",
                "add items: {range: [0, 1000]}, or {file: PATH} with one item a line");
    auto items = job.section("items");
    if (!items) return {};
    const std::vector<std::string> kinds{"range", "file", "glob", "count"};
    const auto given = std::count_if(kinds.begin(), kinds.end(),
                                     [&](const std::string& kind) { return items->has(kind); });
    if (given > 1)
        items->fault_at(items->mark(), "range", "stands beside another source of items",
                        "keep one of range, file, glob and count");

    Items result;
    if (items->has("range")) {
        if (const auto range = read_range(*items)) result = *range;
    } else if (items->has("file")) {
        const std::string path = items->text("file").value_or("?");
        if (path.empty()) items->fault("file", "is empty", "name a file with one item a line");
        result = ItemFile{path};
    } else if (items->has("glob")) {
        const std::string pattern = items->text("glob").value_or("?");
        if (pattern.empty()) items->fault("glob", "is empty", "write a pattern, as data/*.txt");
        if (pattern.find("**") != std::string::npos) {
            items->fault("glob", "holds **, which is not supported",
                         "name each level of folders: data/*/*.txt, or list the files with find "
                         "into items.file");
        }
        result = ItemGlob{pattern};
    } else if (items->has("count")) {
        result = ItemCount{
            items->integer("count", {1, std::numeric_limits<std::int64_t>::max()}).value_or(1)};
        if (manifest.mode != Mode::program) {
            items->fault("count",
                         "numbers the work of a program that shares it out itself (mode: program)",
                         "write range: [0, COUNT], or mode: program");
        }
    }
    items->skip(kinds);
    items->finish();
    if (given == 0) {
        items->fault_at(items->mark(), "range", "is missing: no source of items",
                        "give one of range, file, glob and count");
    }
    return result;
}

Resources read_resources(Section& job) {
    Resources resources;
    auto section = job.section("resources");
    if (!section) return resources;
    resources.threads = section->small_integer("threads", 1).value_or(1);
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

void must_be_positive(Section& section, const std::string& key,
                      const std::optional<Seconds>& time) {
    if (time && time->value == 0) section.fault(key, "is 0, but must be longer");
}

SamplePolicy read_sample(Section& job) {
    SamplePolicy policy;
    auto section = job.section("sample");
    if (!section) return policy;
    policy.size = section->small_integer("size", 1).value_or(policy.size);
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

/// A word that will stand in a directive: one line, not empty, no option.
std::optional<std::string> directive_word(Section& section, const std::string& key) {
    const auto text = section.text(key);
    if (!text) return std::nullopt;
    if (text->empty()) section.fault(key, "is empty", "remove the key");
    if (has_control_character(*text))
        section.fault(key, "holds a line break or control character", "write it on one line");
    if (text->find_first_of(" \t") != std::string::npos)
        section.fault(key, fmt::format("{} holds a space", in_quotes(*text)));
    if (!text->empty() && text->front() == '-')
        section.fault(key, fmt::format("{} starts with '-'", in_quotes(*text)));
    return text;
}

Limits read_limits(Section& job) {
    Limits limits;
    auto section = job.section("limits");
    if (!section) return limits;
    limits.nodes = section->small_integer("nodes", 1);
    limits.time = section->duration("time");
    must_be_positive(*section, "time", limits.time);
    limits.partition = directive_word(*section, "partition");
    limits.account = directive_word(*section, "account");
    limits.qos = directive_word(*section, "qos");
    limits.constraint = directive_word(*section, "constraint");
    section->finish();
    return limits;
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

bool is_variable_name(const std::string& name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

/// The value of a key in one of the free mappings, for the place of a fault.
Mark mark_of_entry(Section& job, const std::string& key, const std::string& entry) {
    const yaml::Node* map = job.node(key);
    for (const yaml::Node& name : map->keys) {
        if (name.text == entry) return name.mark;
    }
    return map->mark;
}

std::map<std::string, std::string> read_environment(Section& job) {
    const std::vector<std::string> ours{"AMORSIZE_PLAN",  "AMORSIZE_RANK",   "AMORSIZE_WORKERS",
                                        "AMORSIZE_CHUNK", "AMORSIZE_CHUNKS", "AMORSIZE_ITEM",
                                        "AMORSIZE_WORKER"};
    const auto variables = job.text_map("environment");
    if (!variables) return {};
    for (const auto& [name, value] : *variables) {
        const Mark at = mark_of_entry(job, "environment", name);
        if (!is_variable_name(name)) {
            job.fault_at(at, "environment",
                         fmt::format("{} cannot name an environment variable", in_quotes(name)),
                         "use letters, digits and '_', not starting with a digit");
        } else if (std::find(ours.begin(), ours.end(), name) != ours.end()) {
            job.fault_at(at, "environment",
                         fmt::format("{} is set for the job by amorsize-run", name),
                         "choose another name");
        }
    }
    return *variables;
}

std::vector<std::string> read_prelude(Section& job) {
    const auto lines = job.texts("prelude");
    if (!lines) return {};
    const yaml::Node* list = job.node("prelude");
    for (std::size_t i = 0; i < lines->size(); ++i) {
        const std::string key = fmt::format("prelude[{}]", i);
        const std::string& line = (*lines)[i];
        if (has_control_character(line)) {
            job.fault_at(list->items[i].mark, key, "holds a line break or control character",
                         "write one line of shell an entry");
        } else if (line.find_first_not_of(" \t") != std::string::npos &&
                   line.compare(line.find_first_not_of(" \t"), 7, "#SBATCH") == 0) {
            job.fault_at(list->items[i].mark, key,
                         "is a directive, which sbatch would not see there",
                         "write it under slurm, limits or resources");
        }
    }
    return *lines;
}

std::map<std::string, std::string> read_slurm(Section& job) {
    const yaml::Node* map = job.node("slurm");
    if (map == nullptr) return {};
    if (map->kind != yaml::Kind::map) {
        job.fault("slurm",
                  fmt::format("is {}, but must be options with values", yaml::describe(*map)),
                  "write {mail-user: me@example.org}");
        return {};
    }
    std::map<std::string, std::string> options;
    for (std::size_t i = 0; i < map->keys.size(); ++i) {
        const std::string& name = map->keys[i].text;
        const yaml::Node& value = map->items[i];
        const std::string key = "slurm." + name;
        const bool flag = value.kind == yaml::Kind::null || (!value.quoted && value.text == "true");
        if (value.kind == yaml::Kind::list || value.kind == yaml::Kind::map) {
            job.fault_at(value.mark, key,
                         fmt::format("is {}, but must be text", yaml::describe(value)));
            continue;
        }
        const std::string text = flag ? "" : value.text;
        if (has_control_character(text)) {
            job.fault_at(value.mark, key, "holds a line break or control character",
                         "write it on one line");
        } else if (const auto fault = check_sbatch_option(name, text)) {
            job.fault_at(map->keys[i].mark, key, fault->message, fault->hint);
        }
        options[name] = text;
    }
    return options;
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
    manifest.resources = read_resources(job);
    manifest.sample = read_sample(job);
    manifest.profile = read_profile(job);
    manifest.limits = read_limits(job);
    manifest.goal = job.word("goal", goals()).value_or(Goal::time);
    manifest.risk = read_risk(job, manifest.risk);
    manifest.headroom = read_headroom(job, manifest.headroom);
    manifest.launcher = job.word("launcher", launchers()).value_or(Launcher::srun);
    manifest.retry = read_retry(job);
    manifest.environment = read_environment(job);
    manifest.prelude = read_prelude(job);
    manifest.slurm = read_slurm(job);
    job.finish(keys_below());
    return manifest;
}

}  // namespace amorsize
