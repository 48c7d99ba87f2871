#include "advisor/measure/cgroup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

namespace amorsize::measure {

namespace {

struct Mount {
    int version = 2;
    std::string root;         // the part of the hierarchy that is mounted
    std::string point;        // where
    std::string controllers;  // version 1: super options, "rw,cpu,cpuacct"
};

// Mount tables write space, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t k) { return text[i + k] >= '0' && text[i + k] <= '7'; };
        if (text[i] == '\\' && i + 3 < text.size() && digit(1) && digit(2) && digit(3)) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                     (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool list_has(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (list.substr(0, comma) == word) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

// Format: proc_pid_mountinfo(5). The fields before " - " vary in number.
std::vector<Mount> cgroup_mounts(const SystemRoot& root) {
    std::vector<Mount> mounts;
    std::istringstream table(read_system_file(root, "/proc/self/mountinfo").value_or(""));
    for (std::string line; std::getline(table, line);) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream head(line.substr(0, dash));
        std::istringstream tail(line.substr(dash + 3));
        std::string id, parent, device, type, source;
        Mount mount;
        head >> id >> parent >> device >> mount.root >> mount.point;
        tail >> type >> source >> mount.controllers;
        if (type != "cgroup" && type != "cgroup2") continue;
        mount.version = type == "cgroup2" ? 2 : 1;
        mount.root = unescape(mount.root);
        mount.point = unescape(mount.point);
        mounts.push_back(mount);
    }
    return mounts;
}

bool is_directory(const SystemRoot& root, const std::string& path) {
    struct stat status {};
    return stat((root.prefix + path).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_below(const std::string& path, const std::string& root) {
    return root == "/" || path == root || path.starts_with(root + "/");
}

// The path of a group relative to what the mount shows of the hierarchy: "" for the mount's own
// root. A group outside of it (moved out of a container, a namespace's "/../..") is governed at
// least by what the mount shows, so that is where we look.
std::string relative_path(const std::string& group, const Mount& mount) {
    if (!is_below(group, mount.root) || group.find("/..") != std::string::npos) return "";
    std::string path = mount.root == "/" ? group : group.substr(mount.root.size());
    while (!path.empty() && path.back() == '/') path.pop_back();
    return path;
}

// A hierarchy can be mounted several times, each showing another part of it.
const Mount* best_mount(const std::vector<Mount>& mounts, int version, std::string_view controller,
                        const std::string& group) {
    const Mount* best = nullptr;
    for (const Mount& mount : mounts) {
        if (mount.version != version) continue;
        if (version == 1 && !list_has(mount.controllers, controller)) continue;
        const bool shows_group = is_below(group, mount.root);
        const bool best_shows_group = best && is_below(group, best->root);
        const bool shows_more =
            best && shows_group && best_shows_group && mount.root.size() < best->root.size();
        if (!best || (shows_group && !best_shows_group) || shows_more) best = &mount;
    }
    return best;
}

void add_levels(const SystemRoot& root, const Mount& mount, const std::string& group,
                std::vector<CgroupLevel>& levels) {
    std::string relative = relative_path(group, mount);
    // Inside a container without a namespace of its own the host's path does not exist below the
    // mount.
    if (!is_directory(root, mount.point + relative)) relative.clear();
    for (;;) {
        levels.push_back({mount.version, mount.point + relative});
        if (relative.empty()) return;
        relative.erase(relative.rfind('/'));
    }
}

}  // namespace

std::string CgroupLevel::source(std::string_view file) const {
    return fmt::format("cgroup v{} {} {}", version, directory, file);
}

std::vector<CgroupLevel> cgroup_levels(const SystemRoot& root, std::string_view controller) {
    const std::vector<Mount> mounts = cgroup_mounts(root);
    std::vector<CgroupLevel> levels;
    std::istringstream groups(read_system_file(root, "/proc/self/cgroup").value_or(""));
    for (std::string line; std::getline(groups, line);) {  // hierarchy:controllers:path
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const bool unified = line.starts_with("0:") && controllers.empty();
        if (!unified && !list_has(controllers, controller)) continue;
        const std::string group = line.substr(second + 1);
        const Mount* mount = best_mount(mounts, unified ? 2 : 1, controller, group);
        if (mount) add_levels(root, *mount, group, levels);
    }
    return levels;
}

std::optional<std::string> read_system_file(const SystemRoot& root, const std::string& path) {
    std::ifstream file(root.prefix + path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) return std::nullopt;
    return text;
}

std::string process_status_field(const SystemRoot& root, const std::string& field) {
    const std::string status = "\n" + read_system_file(root, "/proc/self/status").value_or("");
    const std::size_t line = status.find("\n" + field + ":");
    if (line == std::string::npos) return {};
    const std::size_t start = status.find_first_not_of(" \t", line + field.size() + 2);
    return start == std::string::npos ? "" : status.substr(start, status.find('\n', start) - start);
}

std::optional<std::string> read_cgroup_file(const SystemRoot& root, const CgroupLevel& level,
                                            std::string_view file) {
    std::optional<std::string> text =
        read_system_file(root, level.directory + "/" + std::string(file));
    if (!text) return std::nullopt;
    text->erase(text->find_last_not_of(" \t\n") + 1);
    return text;
}

std::optional<long long> leading_number(std::string_view text) {
    const std::size_t start = std::min(text.find_first_not_of(" \t"), text.size());
    long long number = 0;
    const auto [end, error] =
        std::from_chars(text.data() + start, text.data() + text.size(), number);
    const bool whole =
        end == text.data() + text.size() || *end == ' ' || *end == '\t' || *end == '\n';
    if (error != std::errc{} || !whole || number < 0) return std::nullopt;
    return number;
}

std::optional<long long> number_of(std::string_view table, std::string_view key) {
    while (!table.empty()) {
        const std::size_t newline = std::min(table.find('\n'), table.size());
        const std::string_view line = table.substr(0, newline);
        if (line.starts_with(key) && line.size() > key.size() &&
            (line[key.size()] == ' ' || line[key.size()] == '\t')) {
            return leading_number(line.substr(key.size()));
        }
        table.remove_prefix(std::min(newline + 1, table.size()));
    }
    return std::nullopt;
}

std::vector<int> parse_number_list(std::string_view list) {
    constexpr int kMost = 1 << 20;
    std::vector<int> numbers;
    const char* at = list.data();
    const char* const end = list.data() + list.size();
    while (at != end) {
        int first = 0;
        auto result = std::from_chars(at, end, first);
        if (result.ec != std::errc{} || first < 0) break;
        int last = first;
        if (result.ptr != end && *result.ptr == '-') {
            result = std::from_chars(result.ptr + 1, end, last);
            if (result.ec != std::errc{}) break;
        }
        if (last > kMost) break;
        for (int number = first; number <= last; ++number) numbers.push_back(number);
        if (result.ptr == end || *result.ptr != ',') break;
        at = result.ptr + 1;
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

}  // namespace amorsize::measure
