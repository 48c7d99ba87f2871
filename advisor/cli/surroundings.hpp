#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace amorsize::cli {

/// What the process was started with, read once in main.
struct Surroundings {
    std::map<std::string, std::string> environment;
    std::string program_folder;         ///< absolute; the other commands lie beside this one
    bool progress_to_terminal = false;  ///< standard error is a terminal and NO_COLOR is not set

    static Surroundings of_process(const char* program);

    std::optional<std::string> variable(const std::string& name) const;
    /// "NAME=value", as processes are given it.
    std::vector<std::string> environment_list() const;
    /// Whether the locale that applies to text (LC_ALL, LC_CTYPE, LANG: the first set) is UTF-8.
    bool writes_utf8() const;
    /// Absolute path of another command of the project, or its bare name if it is not beside this
    /// one.
    std::string command(const std::string& name) const;
    /// Whether a program of that name is on PATH.
    bool has_program(const std::string& name) const;
};

}  // namespace amorsize::cli
