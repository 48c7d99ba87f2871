#include <fmt/format.h>

#include <algorithm>

#include "advisor/io/manifest_parts.hpp"
#include "advisor/io/sbatch_options.hpp"

namespace amorsize {

namespace {

using yaml::Section;

/// A word that will stand in a directive: one line, not empty, no option.
std::optional<std::string> directive_word(Section& section, const std::string& key) {
    auto text = section.text(key);
    if (!text) return std::nullopt;
    if (text->empty()) {
        section.fault(key, "is empty", "remove the key");
    } else if (holds_control_character(*text)) {
        section.fault(key, "holds a line break or control character", "write it on one line");
    } else if (text->find_first_of(" \t") != std::string::npos) {
        section.fault(key, fmt::format("{} holds a space", in_quotes(*text)),
                      "write one word, as Slurm names it");
    } else if (text->front() == '-') {
        section.fault(key, fmt::format("{} starts with '-'", in_quotes(*text)),
                      "write the name alone, without an option");
    }
    return text;
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

}  // namespace

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

/// What the run and the hooks set for their tasks, all but the user's own switches.
bool is_ours(const std::string& name) {
    return name.starts_with("AMORSIZE_") && name != "AMORSIZE_DISABLE" &&
           name != "AMORSIZE_HISTORY";
}

std::map<std::string, std::string> read_environment(Section& job) {
    const auto variables = job.text_map("environment");
    if (!variables) return {};
    for (const auto& [name, value] : *variables) {
        const Mark at = mark_of_entry(job, "environment", name);
        if (!is_variable_name(name)) {
            job.fault_at(at, "environment",
                         fmt::format("{} cannot name an environment variable", in_quotes(name)),
                         "use letters, digits and '_', not starting with a digit");
        } else if (is_ours(name)) {
            job.fault_at(at, "environment", fmt::format("{} is for Amorsize to set", name),
                         "choose a name that does not start with AMORSIZE_");
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
        if (holds_control_character(line)) {
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
                         fmt::format("is {}, but must be text", yaml::describe(value)),
                         "write the value as sbatch takes it, in quotes");
            continue;
        }
        const std::string text = flag ? "" : value.text;
        if (holds_control_character(text)) {
            job.fault_at(value.mark, key, "holds a line break or control character",
                         "write it on one line");
        } else if (const auto fault = check_sbatch_option(name, text)) {
            job.fault_at(map->keys[i].mark, key, fault->message, fault->hint);
        }
        options[name] = text;
    }
    return options;
}

}  // namespace amorsize
