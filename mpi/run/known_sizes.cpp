#include "mpi/run/known_sizes.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "advisor/io/items.hpp"
#include "mpi/run/clock.hpp"
#include "mpi/run/journal.hpp"

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kMostFiles = 1'000'000;
constexpr double kPatienceSeconds = 0.5;

}  // namespace

std::optional<std::vector<float>> seconds_of_earlier_runs(const RunFolder& folder,
                                                          std::int64_t items) {
    std::vector<float> seconds;
    std::int64_t known = 0;
    for (const RankFiles& files : folder.all_files()) {
        if (seconds.empty()) seconds.resize(static_cast<std::size_t>(items), -1);
        for_each_record(files.journal, [&](const JournalHeader&, const ItemRecord& record) {
            if (record.item < 0 || record.item >= items || record.outcome != Outcome::done) return;
            float& slot = seconds[static_cast<std::size_t>(record.item)];
            if (slot < 0) ++known;
            slot = record.seconds;
        });
    }
    if (known < items || items == 0) return std::nullopt;
    return seconds;
}

std::optional<std::vector<float>> sizes_of_files(const Items& items, const ItemList& list,
                                                 const std::string& directory) {
    if (!std::holds_alternative<ItemGlob>(items) || list.size() > kMostFiles) return std::nullopt;
    const auto begin = SteadyClock::now();
    std::vector<float> sizes;
    for (std::int64_t i = 0; i < list.size(); ++i) {
        std::error_code unknown;
        const auto size = fs::file_size(fs::path(directory) / list[i], unknown);
        sizes.push_back(unknown ? 0 : static_cast<float>(size));
        if (i % 256 == 0 && seconds_between(begin, SteadyClock::now()) > kPatienceSeconds)
            return std::nullopt;
    }
    return sizes;
}

bool worth_ordering(const std::vector<float>& sizes, int workers) {
    constexpr double kShare = 0.03;
    if (sizes.empty()) return false;
    const double sum = std::accumulate(sizes.begin(), sizes.end(), 0.0);
    const double largest = *std::max_element(sizes.begin(), sizes.end());
    return largest * std::max(1, workers) > kShare * sum;
}

}  // namespace amorsize::run
