#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advisor/io/items.hpp"

namespace amorsize::run {

/// Items for a reader that mostly goes upwards: reads ahead in blocks. For one thread.
class ItemTexts {
public:
    explicit ItemTexts(const ItemList& items) : items_(items) {}

    const std::string& operator[](std::int64_t item);

private:
    const ItemList& items_;
    std::int64_t first_ = 0;
    std::vector<std::string> block_;
};

}  // namespace amorsize::run
