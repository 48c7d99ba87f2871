#include "advisor/io/item_sizes.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
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

std::vector<Bytes> means_of_shares(const std::vector<Bytes>& ascending) {
    if (ascending.size() <= kSizesKept) return ascending;
    std::vector<Bytes> means;
    for (std::size_t i = 0; i < kSizesKept; ++i) {
        const std::size_t first = i * ascending.size() / kSizesKept;
        const std::size_t next = (i + 1) * ascending.size() / kSizesKept;
        double sum = 0;
        for (std::size_t k = first; k < next; ++k) sum += static_cast<double>(ascending[k].value);
        means.push_back(Bytes{std::llround(sum / static_cast<double>(next - first))});
    }
    return means;
}

}  // namespace

InputSizes input_sizes(const ItemList& items, const std::string& directory, Seconds patience) {
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
    if (sizes.empty()) return {};
    std::sort(sizes.begin(), sizes.end());
    InputSizes found;
    found.largest = sizes.back();
    if (static_cast<std::int64_t>(sizes.size()) == items.size())
        found.sizes = means_of_shares(sizes);
    return found;
}

}  // namespace amorsize
