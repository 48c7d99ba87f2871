#pragma once

#include <cstdint>
#include <string>

#include "advisor/core/units.hpp"

namespace amorsize {

/// An item that was run while sampling and need not be run again: what it wrote, whole.
struct KeptItem {
    std::int64_t index = 0;  ///< in the item list, from 0
    std::string item;        ///< its text, to notice that the list has changed since
    Seconds seconds;
    int exit_code = 0;  ///< always 0 so far: only items that succeeded are kept
    std::string out;
    std::string err;
};

}  // namespace amorsize
