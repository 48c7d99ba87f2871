#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "advisor/core/text.hpp"
#include "advisor/io/manifest_parts.hpp"
#include "advisor/io/nearest.hpp"

namespace amorsize {

namespace {

using yaml::Section;

/// A run holds some bits and writes some bytes for each item.
constexpr std::int64_t kMostItems = 1'000'000'000;

bool holds(const Command& command, const std::string& text) {
    return std::any_of(command.argv.begin(), command.argv.end(), [&](const std::string& word) {
        return word.find(text) != std::string::npos;
    });
}

/// A word in braces that looks like a misspelt placeholder, or that of xargs and GNU parallel.
std::string unknown_placeholder(const Command& command) {
    for (const std::string& word : command.argv) {
        if (word == "{}") return word;
        for (std::size_t open = word.find('{'); open != std::string::npos;
             open = word.find('{', open + 1)) {
            const std::size_t close = word.find('}', open);
            if (close == std::string::npos) break;
            const std::string inner = word.substr(open + 1, close - open - 1);
            if (!nearest(inner, {"item"}).empty()) return "{" + inner + "}";
        }
    }
    return "";
}

std::optional<ItemRange> read_range(Section& items, Mode mode) {
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
    if (ends[1] - ends[0] > kMostItems && mode != Mode::program) {
        items.fault(
            "range",
            fmt::format("holds {} items, but a run keeps a record of each and takes at most {}",
                        to_text(ends[1] - ends[0]), to_text(kMostItems)),
            "let the command do a thousand of yours at a time, or write mode: program");
        return std::nullopt;
    }
    return ItemRange{ends[0], ends[1]};
}

}  // namespace

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
                              yaml::describe(*value)),
                  "write [PROGRAM, ARGUMENT, ...] or one line for bash");
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
            } else if (const std::string word = unknown_placeholder(command);
                       !one && !word.empty()) {
                job.fault("command",
                          fmt::format("holds {}, which is no placeholder", in_quotes(word)),
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
    if (given > 1) {
        job.fault("items", "has more than one source", "keep one of range, file, glob and count");
    }

    Items result;
    if (items->has("range")) {
        if (const auto range = read_range(*items, manifest.mode)) result = *range;
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
                         "is for mode: program, where the command shares out its items itself",
                         "write range: [0, COUNT], or mode: program");
        }
    }
    items->skip(kinds);
    items->finish();
    if (given == 0) {
        job.fault("items", "has no source", "give one of range, file, glob and count");
    }
    return result;
}

}  // namespace amorsize
