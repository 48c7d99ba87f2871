#include "advisor/io/item_sizes.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

namespace amorsize {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kTried = 20;    // spread over the list; if none is a file, no item is
constexpr std::int64_t kAtOnce = 512;  // items between two looks at the clock

std::optional<Bytes> size_of(const fs::path& directory, const std::string& item) {
    std::error_code unknown;
    const fs::path file = directory / item;
    if (!fs::is_regular_file(file, unknown)) return std::nullopt;
    const std::uintmax_t size = fs::file_size(file, unknown);
    if (unknown) return std::nullopt;
    return Bytes{static_cast<std::int64_t>(size)};
}

bool name_files(const ItemList& items, const fs::path& directory) {
    const std::int64_t tried = std::min(items.size(), kTried);
    for (std::int64_t i = 0; i < tried; ++i) {
        if (size_of(directory, items[i * items.size() / tried])) return true;
    }
    return false;
}

/// The middle one of each share, and the largest of the last.
std::vector<Bytes> standing_for_all(const std::vector<Bytes>& ascending) {
    if (ascending.size() <= kSizesKept) return ascending;
    std::vector<Bytes> kept;
    for (std::size_t i = 0; i < kSizesKept; ++i)
        kept.push_back(ascending[(2 * i + 1) * ascending.size() / (2 * kSizesKept)]);
    kept.back() = ascending.back();
    return kept;
}

}  // namespace

std::vector<Bytes> input_sizes(const ItemList& items, const std::string& directory,
                               Seconds patience) {
    if (!name_files(items, directory)) return {};
    const auto begin = Clock::now();
    std::vector<Bytes> sizes;
    for (std::int64_t first = 0; first < items.size(); first += kAtOnce) {
        for (const std::string& item : items.slice(first, kAtOnce)) {
            if (const auto size = size_of(directory, item)) sizes.push_back(*size);
        }
        const bool last = first + kAtOnce >= items.size();
        if (!last && std::chrono::duration<double>(Clock::now() - begin).count() > patience.value)
            return {};
    }
    std::sort(sizes.begin(), sizes.end());
    return standing_for_all(sizes);
}

}  // namespace amorsize
