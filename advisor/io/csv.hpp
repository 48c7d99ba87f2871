#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisor/io/diagnostics.hpp"

namespace amorsize {

struct CsvCell {
    std::string text;
    Mark mark;
};

/// One record; a line without any cell text is no record.
using CsvRow = std::vector<CsvCell>;

/// The records of a CSV text (RFC 4180: quotes doubled inside quotes, line breaks allowed there;
/// CRLF or LF). Spaces around an unquoted cell are dropped. A quote out of place is noted in
/// `faults`.
std::vector<CsvRow> parse_csv(std::string_view text, Diagnostics& faults);

}  // namespace amorsize
