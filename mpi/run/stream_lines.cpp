#include "mpi/run/stream_lines.hpp"

#include <fmt/format.h>

namespace amorsize::run {

namespace {

constexpr std::string_view kSpecial{"\\\n\r\0", 4};
constexpr std::string_view kFailure = "amorsize:fail";

char letter_for(char special) {
    switch (special) {
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\0':
            return '0';
        default:
            return '\\';
    }
}

}  // namespace

void append_as_line(std::string& text, std::string_view item) {
    for (;;) {
        const std::size_t plain = item.find_first_of(kSpecial);
        text.append(item.substr(0, plain));
        if (plain == std::string_view::npos) break;
        text.push_back('\\');
        text.push_back(letter_for(item[plain]));
        item.remove_prefix(plain + 1);
    }
    text.push_back('\n');
}

std::string shown_item(std::int64_t number, std::string_view item) {
    constexpr std::size_t kShown = 60;
    std::string line;
    append_as_line(line, item);
    line.pop_back();
    if (line.size() > kShown) line.replace(kShown, std::string::npos, "...");
    return fmt::format("item {} (\"{}\")", number, line);
}

Answer read_answer(std::string_view line) {
    return {line.substr(0, kFailure.size()) == kFailure, line};
}

}  // namespace amorsize::run
