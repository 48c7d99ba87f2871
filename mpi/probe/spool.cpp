#include "mpi/probe/spool.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/read_file.hpp"
#include "advisor/io/survey_json.hpp"

namespace amorsize::probe {

namespace fs = std::filesystem;

namespace {

constexpr const char* kEnding = ".survey";
constexpr const char* kExpected = "expected";
constexpr const char* kGivenUp = "rank-0-is-lost";
constexpr std::size_t kLargestReport = 64 << 20;

std::vector<fs::path> reports_in(const std::string& folder, std::error_code& error) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == kEnding) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string file_name(std::string host) {
    std::replace(host.begin(), host.end(), '/', '_');
    return host + kEnding;
}

[[noreturn]] void cannot_use(const std::string& folder, const std::string& why) {
    throw Error(ExitCode::environment, fmt::format("cannot use the folder {}: {}", folder, why),
                "name a folder that every node can write and no other user with --spool DIR");
}

/// Why the folder is not one that nobody else has put anything in: by links files of ours could be
/// replaced. Empty if it is.
std::string why_not_ours(const std::string& folder) {
    struct stat found {};
    if (::lstat(folder.c_str(), &found) != 0) return std::strerror(errno);
    if (!S_ISDIR(found.st_mode)) return "it is a file or a link";
    const bool open_to_others = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (found.st_uid != ::geteuid() || open_to_others) return "other users can write there";
    return "";
}

void make(const std::string& folder) {
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        cannot_use(folder, std::strerror(errno));
    if (const std::string why = why_not_ours(folder); !why.empty()) cannot_use(folder, why);
}

NodeSurvey report_in(const fs::path& file) {
    return decode_survey(read_text_file(file.string(), "node report", kLargestReport),
                         file.string());
}

}  // namespace

void Spool::clear() const {
    make(folder_);
    std::error_code error;
    for (const fs::path& file : reports_in(folder_, error)) fs::remove(file, error);
    for (const char* note : {kExpected, kGivenUp}) fs::remove(fs::path(folder_) / note, error);
    if (error) cannot_use(folder_, error.message());
}

void Spool::note(const char* name, const std::string& text) const {
    if (!why_not_ours(folder_).empty()) return;
    try {
        write_file_atomically((fs::path(folder_) / name).string(), text);
    } catch (const Error&) {
        // Reports are worth more than a note, and they fail loudly.
    }
}

void Spool::expect(const HostList& hosts) const {
    note(kExpected, hosts.text());
}

void Spool::give_up() const {
    note(kGivenUp, "");
}

bool Spool::given_up() const {
    std::error_code unreadable;
    return !folder_.empty() && fs::exists(fs::path(folder_) / kGivenUp, unreadable);
}

void Spool::put(const std::string& host, const NodeSurvey& survey) const {
    make(folder_);
    write_file_atomically((fs::path(folder_) / file_name(host)).string(), encode(survey));
}

void Spool::remove() const {
    if (!why_not_ours(folder_).empty()) return;
    std::error_code ignored;
    for (const fs::path& file : reports_in(folder_, ignored)) fs::remove(file, ignored);
    for (const char* note : {kExpected, kGivenUp}) fs::remove(fs::path(folder_) / note, ignored);
    fs::remove(folder_, ignored);
}

bool Spool::present() const {
    std::error_code unreadable;
    return !folder_.empty() && fs::exists(folder_, unreadable);
}

std::optional<NodeSurvey> Spool::find(const std::string& host) const {
    try {
        return report_in(fs::path(folder_) / file_name(host));
    } catch (const Error&) {
        return std::nullopt;
    }
}

Collected collect(const Spool& spool, const HostList& known) {
    std::error_code error;
    const std::vector<fs::path> files = reports_in(spool.folder(), error);
    if (error) {
        throw Error(ExitCode::bad_input,
                    fmt::format("cannot read the folder {}: {}", spool.folder(), error.message()),
                    "name the folder that a probe left: FILE.spool beside its --output FILE");
    }
    Collected collected;
    for (const fs::path& file : files) {
        if (known.contains(file.stem().string())) continue;
        try {
            collected.survey = fold(std::move(collected.survey), report_in(file));
        } catch (const Error& refusal) {
            collected.refused.emplace_back(refusal.what());
        }
    }
    const fs::path note = fs::path(spool.folder()) / kExpected;
    if (fs::exists(note, error)) {
        const std::string text = read_text_file(note.string(), "list of nodes", kLargestReport);
        collected.expected = HostList::parse(text).value_or(HostList());
    }
    return collected;
}

Collected wait_and_collect(const Spool& spool, const Awaited& awaited,
                           std::chrono::steady_clock::time_point deadline) {
    constexpr auto kBetweenLooks = std::chrono::milliseconds(200);
    for (;;) {
        Collected collected = collect(spool);
        collected.expected.add(awaited.nodes);
        const bool known = awaited.ranks > 0 || !collected.expected.empty();
        const bool all = known && collected.survey.ranks.size() >= awaited.ranks &&
                         collected.expected.without(hosts_of(collected.survey)).empty();
        if (all || std::chrono::steady_clock::now() >= deadline) return collected;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

}  // namespace amorsize::probe
