#include "advisor/cli/earlier_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "advisor/cli/lost_runs.hpp"
#include "advisor/core/error.hpp"
#include "advisor/io/content_hash.hpp"
#include "advisor/io/history.hpp"
#include "advisor/io/history_place.hpp"
#include "advisor/measure/run_command.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kLargestHashed = std::uintmax_t{64} << 20;  // some 0.1 s
constexpr std::int64_t kItemsMeasured = 100;

std::vector<std::string> words_of(const Command& command) {
    if (!command.shell) return command.argv;
    std::istringstream text(command.argv.front());
    std::vector<std::string> words;
    for (std::string word; text >> word;) words.push_back(word);
    return words;
}

bool is_file(const fs::path& path) {
    std::error_code unreadable;
    return fs::is_regular_file(path, unreadable);
}

/// Where the program lies; as it was called if that cannot be told.
std::string program_path(const std::string& word, const std::string& directory,
                         const Surroundings& surroundings) {
    if (word.find('/') != std::string::npos)
        return (fs::path(directory) / word).lexically_normal().string();
    std::istringstream folders(surroundings.variable("PATH").value_or("/usr/bin:/bin"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (is_file(fs::path(folder) / word)) return (fs::path(folder) / word).string();
    }
    return word;
}

/// Large files are told apart by their size: they are data, or take too long to read.
std::string fingerprint(const fs::path& path) {
    std::error_code unreadable;
    const std::uintmax_t size = fs::file_size(path, unreadable);
    if (unreadable) return {};
    return size > kLargestHashed ? fmt::format("{} bytes", size) : content_hash(path.string());
}

/// A script that an interpreter is given first belongs to the command; of two scripts the one is
/// not the other changed.
JobIdentity identity_of(const Manifest& manifest, const std::string& partition_class,
                        const Surroundings& surroundings) {
    const std::vector<std::string> words = words_of(manifest.command);
    JobIdentity job;
    job.partition_class = partition_class;
    if (words.empty()) return job;
    job.command = program_path(words.front(), manifest.directory, surroundings);
    job.binary = fingerprint(job.command);
    for (std::size_t i = 1; i < words.size(); ++i) {
        const fs::path file = fs::path(manifest.directory) / words[i];
        if (!is_file(file)) continue;
        job.binary += " " + fingerprint(file);
        if (i == 1) job.command += " " + file.lexically_normal().string();
    }
    job.arguments = argument_shape({words.begin() + 1, words.end()});
    return job;
}

/// The median size of the files that items name.
std::optional<Bytes> median_input(const ItemList& items, const std::string& directory) {
    std::vector<std::int64_t> sizes;
    const std::int64_t count = std::min(items.size(), kItemsMeasured);
    for (std::int64_t i = 0; i < count; ++i) {
        const fs::path file = fs::path(directory) / items[i * items.size() / count];
        std::error_code unreadable;
        if (is_file(file))
            sizes.push_back(static_cast<std::int64_t>(fs::file_size(file, unreadable)));
    }
    if (sizes.empty()) return std::nullopt;
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return Bytes{*middle};
}

}  // namespace

EarlierRuns earlier_runs(const Manifest& manifest, const ItemList& items,
                         const std::string& partition_class, const Surroundings& surroundings) {
    EarlierRuns runs;
    const std::string path = history_in_use(
        manifest, [&](const std::string& name) { return surroundings.variable(name); });
    if (path.empty()) return runs;
    runs.instance = {identity_of(manifest, partition_class, surroundings),
                     median_input(items, manifest.directory)};
    std::error_code unreadable;
    if (fs::status(path, unreadable).type() == fs::file_type::not_found) return runs;
    try {
        const JobIdentity& job = runs.instance->job;
        History history(path);
        settle_lost_runs(history, job, measure::run_command, runs.notes);
        runs.past = recall(*runs.instance, history.find(job.command, job.partition_class));
    } catch (const Error& error) {
        runs.notes.push_back(fmt::format("{} ({})", error.what(), error.hint));
    }
    return runs;
}

}  // namespace amorsize::cli
