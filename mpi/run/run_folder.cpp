#include "mpi/run/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <thread>

#include "advisor/core/error.hpp"
#include "mpi/run/append_file.hpp"

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPlanEnding = ".plan.yaml";
constexpr auto kPatience = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(50);
/// Bytes of the lock file from here on belong to arrays, by their number of elements; those before
/// belong to the ranks of a run of the whole.
constexpr off_t kArrays = off_t{1} << 32;

bool ends_with(std::string_view text, std::string_view ending) {
    return text.size() > ending.size() && text.substr(text.size() - ending.size()) == ending;
}

/// A lock that belongs to the open file, not to the process, so that closing another descriptor
/// does not drop it.
int lock_bytes(const Descriptor& file, int command, off_t first, off_t length, short type) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = first;
    range.l_len = length;
    if (::fcntl(file.get(), command, &range) != 0) return errno;
    return command == F_OFD_GETLK && range.l_type != F_UNLCK ? EAGAIN : 0;
}

bool taken(int error) {
    return error == EAGAIN || error == EACCES;
}

Descriptor open_lock_file(const RunFolder& folder) {
    const std::string path = folder.file("lock");
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file.open()) throw_storage_error("open", path, errno);
    return file;
}

std::string holder(const Descriptor& file) {
    std::array<char, 256> text{};
    const ssize_t got = ::pread(file.get(), text.data(), text.size() - 1, 0);
    return got > 0 ? text.data() : "another run";
}

void sign(const Descriptor& file) {
    std::array<char, 65> host{};
    ::gethostname(host.data(), host.size() - 1);
    const char* job = std::getenv("SLURM_JOB_ID");
    const std::string text = fmt::format("process {} on {}{}", ::getpid(), host.data(),
                                         job != nullptr ? fmt::format(" (job {})", job) : "");
    if (::ftruncate(file.get(), 0) == 0) {
        // Who holds the lock is told as a courtesy; the lock works without.
        [[maybe_unused]] const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), 0);
    }
}

}  // namespace

RunFolder::RunFolder(const std::string& plan_path) : stem_(fs::absolute(plan_path).string()) {
    if (ends_with(stem_, kPlanEnding)) stem_.resize(stem_.size() - kPlanEnding.size());
    path_ = stem_ + ".run";
}

RunFolder RunFolder::of_element(int element) const {
    RunFolder folder = *this;
    folder.stem_ = file(fmt::format("element.{}", element));
    folder.path_ = folder.stem_;
    return folder;
}

RankFiles RunFolder::files_of(int epoch, int rank) const {
    return {epoch, rank, file(fmt::format("journal.{}.{}", epoch, rank)),
            file(fmt::format("output.{}.{}", epoch, rank))};
}

std::vector<RankFiles> RunFolder::all_files() const {
    std::vector<RankFiles> files;
    for (const auto& [epoch, rank] : named("journal")) files.push_back(files_of(epoch, rank));
    for (const int element : elements()) {
        const std::vector<RankFiles> more = of_element(element).all_files();
        files.insert(files.end(), more.begin(), more.end());
    }
    return files;
}

std::vector<int> RunFolder::elements() const {
    constexpr std::string_view kStart = "element.";
    std::vector<int> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path_, ignored)) {
        const std::string name = entry.path().filename().string();
        int number = 0;
        int length = 0;
        if (name.compare(0, kStart.size(), kStart) == 0 && entry.is_directory(ignored) &&
            std::sscanf(name.c_str() + kStart.size(), "%d%n", &number, &length) == 1 &&
            kStart.size() + static_cast<std::size_t>(length) == name.size()) {
            found.push_back(number);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

int RunFolder::last_epoch() const {
    int last = 0;
    for (const char* kind : {"journal", "output"}) {
        for (const auto& [epoch, rank] : named(kind)) last = std::max(last, epoch);
    }
    return last;
}

std::vector<std::pair<int, int>> RunFolder::named(const char* kind) const {
    std::vector<std::pair<int, int>> found;
    const std::string start = std::string(kind) + '.';
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path_, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.compare(0, start.size(), start) != 0) continue;
        int epoch = 0;
        int rank = 0;
        int length = 0;
        if (std::sscanf(name.c_str() + start.size(), "%d.%d%n", &epoch, &rank, &length) == 2 &&
            start.size() + static_cast<std::size_t>(length) == name.size()) {
            found.emplace_back(epoch, rank);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

void RunFolder::create() const {
    if (::mkdir(path_.c_str(), 0777) != 0 && errno != EEXIST)
        throw_storage_error("create", path_, errno);
}

void RunFolder::clear() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path_, ignored)) {
        if (entry.path().filename() != "lock") fs::remove_all(entry.path(), ignored);
    }
    for (const char* of_forgotten_runs : {".joblog", ".failed"})
        ::unlink(sibling(of_forgotten_runs).c_str());
}

RunLock RunLock::for_run(const RunFolder& folder) {
    Descriptor file = open_lock_file(folder);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    int error = lock_bytes(file, F_OFD_SETLK, 0, 1, F_WRLCK);
    if (!taken(error) && error != 0) return {std::move(file), false};
    // A run that was just killed may take a moment to be gone; its other ranks may outlive rank 0.
    while (error != 0 || taken(lock_bytes(file, F_OFD_GETLK, 1, 0, F_WRLCK))) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw Error(ExitCode::environment,
                        fmt::format("{} is in use by {}", folder.path(), holder(file)),
                        "wait for that run to end, or end it; then run this command again");
        }
        std::this_thread::sleep_for(kPause);
        if (error != 0) error = lock_bytes(file, F_OFD_SETLK, 0, 1, F_WRLCK);
    }
    sign(file);
    return {std::move(file), true};
}

RunLock RunLock::for_element(const RunFolder& whole, const ArrayShare& share) {
    Descriptor file = open_lock_file(whole);
    const off_t own = kArrays + share.count;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const int error = lock_bytes(file, F_OFD_SETLK, own, 1, F_RDLCK);
    if (!taken(error) && error != 0) return {std::move(file), false};
    const auto others = [&] {
        return taken(lock_bytes(file, F_OFD_GETLK, 0, own, F_WRLCK)) ||
               taken(lock_bytes(file, F_OFD_GETLK, own + 1, 0, F_WRLCK));
    };
    while (taken(error) || others()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw Error(ExitCode::environment,
                        fmt::format("{} is in use by a run of the whole plan, or by an array of "
                                    "other than {} elements",
                                    whole.path(), share.count),
                        "wait for that run to end, or end it; then run this command again");
        }
        std::this_thread::sleep_for(kPause);
    }
    return {std::move(file), true};
}

RunLock RunLock::for_rank(const RunFolder& folder, int rank) {
    Descriptor file = open_lock_file(folder);
    const int error = lock_bytes(file, F_OFD_SETLK, rank, 1, F_WRLCK);
    return {std::move(file), error == 0};
}

}  // namespace amorsize::run
