#include "advisor/cli/surroundings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>
#include <string_view>

extern char** environ;

namespace amorsize::cli {

namespace fs = std::filesystem;

Surroundings Surroundings::of_process(const char* program) {
    Surroundings found;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) {
            found.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    std::error_code failed;
    fs::path self = fs::read_symlink("/proc/self/exe", failed);
    if (failed) self = fs::absolute(program, failed);
    found.program_folder = self.parent_path().string();
    found.progress_to_terminal = ::isatty(STDERR_FILENO) == 1 && !found.variable("NO_COLOR");
    return found;
}

std::optional<std::string> Surroundings::variable(const std::string& name) const {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
}

std::vector<std::string> Surroundings::environment_list() const {
    std::vector<std::string> list;
    for (const auto& [name, value] : environment) list.push_back(fmt::format("{}={}", name, value));
    return list;
}

bool Surroundings::writes_utf8() const {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string locale = variable(name).value_or("");
        if (locale.empty()) continue;
        std::transform(locale.begin(), locale.end(), locale.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        return locale.find("utf-8") != std::string::npos ||
               locale.find("utf8") != std::string::npos;
    }
    return false;
}

std::string Surroundings::command(const std::string& name) const {
    const fs::path beside = fs::path(program_folder) / name;
    return ::access(beside.c_str(), X_OK) == 0 ? beside.string() : name;
}

bool Surroundings::has_program(const std::string& name) const {
    std::istringstream folders(variable("PATH").value_or("/usr/bin:/bin"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (::access((fs::path(folder) / name).c_str(), X_OK) == 0) return true;
    }
    return false;
}

}  // namespace amorsize::cli
