#include "mpi/probe/spool.hpp"

#include <fmt/format.h>

#include <algorithm>
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

NodeSurvey report_in(const fs::path& file) {
    return decode_survey(read_text_file(file.string(), "node report", kLargestReport),
                         file.string());
}

}  // namespace

void Spool::clear() const {
    std::error_code error;
    fs::create_directory(folder_, error);
    for (const fs::path& file : reports_in(folder_, error)) fs::remove(file, error);
    for (const char* note : {kExpected, kGivenUp}) fs::remove(fs::path(folder_) / note, error);
    if (error) {
        throw Error(ExitCode::environment,
                    fmt::format("cannot use the folder {}: {}", folder_, error.message()),
                    "name a folder that every node can write with --spool DIR");
    }
}

void Spool::note(const char* name, const std::string& text) const {
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
    if (!folder_.empty()) note(kGivenUp, "");
}

bool Spool::given_up() const {
    std::error_code unreadable;
    return !folder_.empty() && fs::exists(fs::path(folder_) / kGivenUp, unreadable);
}

void Spool::put(const std::string& host, const NodeSurvey& survey) const {
    std::error_code error;
    fs::create_directory(folder_, error);
    write_file_atomically((fs::path(folder_) / file_name(host)).string(), encode(survey));
}

void Spool::remove() const {
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
