#include "advisor/core/worker_environment.hpp"

#include <fmt/format.h>

namespace amorsize {

std::map<std::string, std::string> thread_variables(int threads) {
    std::map<std::string, std::string> variables;
    for (const std::string_view name : kThreadVariables)
        variables.emplace(name, std::to_string(threads));
    return variables;
}

std::map<std::string, std::string> worker_environment(const Manifest& manifest,
                                                      const Assignment& assignment) {
    std::map<std::string, std::string> variables = thread_variables(manifest.resources.threads);
    variables["AMORSIZE_RANK"] = std::to_string(assignment.rank);
    variables["AMORSIZE_WORKER"] = std::to_string(assignment.worker);
    if (manifest.mode == Mode::exec && assignment.items.size() == 1) {
        variables["AMORSIZE_ITEM"] = assignment.items.front();
    }
    for (const auto& [name, value] : manifest.environment) variables[name] = value;
    return variables;
}

std::vector<std::string> with_changes(const std::vector<std::string>& inherited,
                                      const std::map<std::string, std::string>& changes) {
    std::vector<std::string> environment;
    environment.reserve(inherited.size() + changes.size());
    for (const std::string& entry : inherited) {
        if (changes.count(entry.substr(0, entry.find('='))) == 0) environment.push_back(entry);
    }
    for (const auto& [name, value] : changes)
        environment.push_back(fmt::format("{}={}", name, value));
    return environment;
}

}  // namespace amorsize
