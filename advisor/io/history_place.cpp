#include "advisor/io/history_place.hpp"

#include <filesystem>

namespace amorsize {

std::string history_path(const Variables& variable) {
    if (const auto file = variable("AMORSIZE_HISTORY")) return *file;
    const auto absolute = [](const std::optional<std::string>& path) {
        return path && path->starts_with('/');
    };
    const auto state = variable("XDG_STATE_HOME");
    if (absolute(state)) return *state + "/amorsize/history.sqlite";
    const auto home = variable("HOME");
    return absolute(home) ? *home + "/.local/state/amorsize/history.sqlite" : std::string();
}

std::string used_before_path(const Variables& variable) {
    const std::filesystem::path history = history_path(variable);
    return history.empty() ? "" : (history.parent_path() / "jobs.tsv").string();
}

std::string history_in_use(const Manifest& manifest, const Variables& variable) {
    const bool tells = manifest.kind == JobKind::tasks && manifest.mode != Mode::program;
    const bool off = !manifest.history || variable("AMORSIZE_DISABLE") == "1";
    return tells && !off ? history_path(variable) : std::string();
}

}  // namespace amorsize
