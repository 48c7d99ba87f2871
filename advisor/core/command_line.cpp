#include "advisor/core/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "advisor/core/error.hpp"
#include "advisor/core/shell_text.hpp"

namespace amorsize {

namespace {

enum class Placeholder { item, items, index, rank, worker };

struct Spelling {
    std::string_view text;
    Placeholder placeholder;
};

constexpr Spelling kSpellings[] = {{"{item}", Placeholder::item},
                                   {"{items}", Placeholder::items},
                                   {"{index}", Placeholder::index},
                                   {"{rank}", Placeholder::rank},
                                   {"{worker}", Placeholder::worker}};

const Spelling* placeholder_at(std::string_view text, std::size_t position) {
    for (const Spelling& spelling : kSpellings) {
        if (text.substr(position, spelling.text.size()) == spelling.text) return &spelling;
    }
    return nullptr;
}

void check(const Assignment& assignment) {
    for (const std::string& item : assignment.items) {
        if (item.find('\0') == std::string::npos) continue;
        throw Error(
            ExitCode::bad_input,
            fmt::format("item {} holds a NUL byte, which no program can take as an argument",
                        assignment.index),
            "remove the NUL bytes from the item list");
    }
}

const std::string& the_item(const Assignment& assignment) {
    if (assignment.items.size() == 1) return assignment.items.front();
    throw Error(ExitCode::bad_input,
                fmt::format("the command asks for {{item}}, but {} items are given to it at once",
                            assignment.items.size()),
                "write {items} in mode batch; modes stream and program have no {item}");
}

std::string number(Placeholder placeholder, const Assignment& assignment) {
    if (placeholder == Placeholder::rank) return std::to_string(assignment.rank);
    if (placeholder == Placeholder::worker) return std::to_string(assignment.worker);
    return std::to_string(assignment.index);
}

std::string expand_element(std::string_view element, const Assignment& assignment) {
    std::string expanded;
    for (std::size_t at = 0; at < element.size();) {
        const Spelling* found = placeholder_at(element, at);
        if (found == nullptr) {
            expanded += element[at++];
            continue;
        }
        if (found->placeholder == Placeholder::item) {
            expanded += the_item(assignment);
        } else if (found->placeholder == Placeholder::items) {
            expanded += fmt::format("{}", fmt::join(assignment.items, " "));
        } else {
            expanded += number(found->placeholder, assignment);
        }
        at += found->text.size();
    }
    return expanded;
}

std::vector<std::string> expand_list(const Command& command, const Assignment& assignment) {
    std::vector<std::string> argv;
    for (const std::string& element : command.argv) {
        if (element == "{items}") {
            argv.insert(argv.end(), assignment.items.begin(), assignment.items.end());
        } else {
            argv.push_back(expand_element(element, assignment));
        }
    }
    return argv;
}

std::string reference(Placeholder placeholder, ShellQuoting quoting) {
    const bool many = placeholder == Placeholder::items;
    std::string inside = many ? "${amorsize_items[*]}" : "${amorsize_item}";
    std::string bare = many ? "\"${amorsize_items[@]}\"" : "\"${amorsize_item}\"";
    switch (quoting) {
        case ShellQuoting::none:
            return bare;
        case ShellQuoting::double_quotes:
        case ShellQuoting::here_document:
            return inside;
        case ShellQuoting::single_quotes:
            return "'\"" + inside + "\"'";
        case ShellQuoting::ansi_quotes:
            return "'\"" + inside + "\"$'";
        case ShellQuoting::quoted_here_document:
            break;
    }
    throw Error(ExitCode::bad_input,
                "the command has {item} inside a here-document that expands nothing",
                "remove the quotes around its delimiter, or give the item as an argument");
}

std::vector<std::string> expand_shell(const std::string& text, const Assignment& assignment) {
    bool uses_item = false;
    bool uses_items = false;
    std::string script;
    ShellScanner scanner(text);
    while (!scanner.done()) {
        const Spelling* found = placeholder_at(text, scanner.position());
        if (found == nullptr) {
            script += scanner.take();
            continue;
        }
        const bool is_number =
            found->placeholder != Placeholder::item && found->placeholder != Placeholder::items;
        script += is_number ? number(found->placeholder, assignment)
                            : reference(found->placeholder, scanner.quoting());
        uses_item = uses_item || found->placeholder == Placeholder::item;
        uses_items = uses_items || found->placeholder == Placeholder::items;
        scanner.skip(found->text.size());
    }

    std::vector<std::string> argv = {"bash", "-c"};
    if (!uses_item && !uses_items) {
        argv.push_back(script);
        return argv;
    }
    std::string prefix;
    if (uses_item) {
        the_item(assignment);
        prefix += "amorsize_item=$1; ";
    }
    if (uses_items) prefix += "amorsize_items=(\"$@\"); ";
    argv.push_back(prefix + "set --; " + script);
    argv.emplace_back("bash");
    argv.insert(argv.end(), assignment.items.begin(), assignment.items.end());
    return argv;
}

bool safe_bare(char c) {
    constexpr std::string_view others = "_-+=./:,@%";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> expand_command(const Command& command, const Assignment& assignment) {
    check(assignment);
    if (command.shell) return expand_shell(command.argv.front(), assignment);
    return expand_list(command, assignment);
}

std::string shell_quoted(std::string_view word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), safe_bare)) return std::string(word);
    std::string quoted = "'";
    for (const char c : word) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

std::string shell_quoted(const std::vector<std::string>& argv) {
    std::vector<std::string> words;
    words.reserve(argv.size());
    for (const std::string& word : argv) words.push_back(shell_quoted(std::string_view(word)));
    return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace amorsize
