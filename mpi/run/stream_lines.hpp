#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace amorsize::run {

/// Appends the line a stream worker reads for `item`: the item itself, with backslash, line feed,
/// carriage return and NUL written as \\ \n \r \0. So an item of any bytes is exactly one line.
void append_as_line(std::string& text, std::string_view item);

/// An item as a message names it: its number, and the first 60 bytes of its line.
std::string shown_item(std::int64_t number, std::string_view item);

/// What a stream worker says of an item with one line.
struct Answer {
    bool failed = false;
    std::string_view text;  ///< kept as the item's output
};

/// A line that starts with "amorsize:fail" says that the item failed; any other that it is done.
Answer read_answer(std::string_view line);

}  // namespace amorsize::run
