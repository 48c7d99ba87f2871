#include "advisor/io/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "advisor/core/error.hpp"
#include "advisor/io/read_file.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kMostShown = 50;
constexpr std::size_t kMostCollected = 1000;
constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kLineWidth = 100;   // characters of a source line shown
constexpr std::size_t kLeadWidth = 60;    // of which before the fault, when the line is cut
constexpr std::size_t kQuotedWidth = 60;  // characters of a value shown

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// The text cut into characters (UTF-8 sequences).
std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> found;
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t end = begin + 1;
        while (end < text.size() && continues_character(text[end])) ++end;
        found.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return found;
}

/// What a file says must not steer the terminal: control characters as \xNN; line breaks of our own
/// words stay.
std::string escaped(std::string_view text, bool keep_line_breaks) {
    std::string shown;
    for (const char c : text) {
        if (is_control(c) && !(keep_line_breaks && c == '\n')) {
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            shown += c;
        }
    }
    return shown;
}

struct Excerpt {
    std::string line;
    std::string caret;
};

/// The part of the line around the fault, and a caret under it; tabs are kept so that both align.
Excerpt excerpt(std::string_view source_line, int column) {
    const auto letters = characters(source_line);
    const std::size_t at =
        std::min(static_cast<std::size_t>(std::max(column, 1) - 1), letters.size());
    const std::size_t begin = letters.size() > kLineWidth && at > kLeadWidth ? at - kLeadWidth : 0;
    const std::size_t end = std::min(letters.size(), begin + kLineWidth);

    Excerpt result;
    if (begin > 0) result = {"...", "   "};
    for (std::size_t i = begin; i < end; ++i) {
        const bool tab = letters[i] == "\t";
        if (!tab && (is_control(letters[i].front()) || !is_utf8(letters[i]))) {
            result.line += '?';
        } else {
            result.line += letters[i];
        }
        if (i < at) result.caret += tab ? '\t' : ' ';
    }
    if (end < letters.size()) result.line += "...";
    result.caret += '^';
    return result;
}

}  // namespace

bool holds_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; });
}

std::string in_quotes(std::string_view text) {
    std::string shown = "\"";
    std::size_t count = 0;
    for (std::string_view letter : characters(text)) {
        if (++count > kQuotedWidth) {
            shown += "...";
            break;
        }
        if (letter == "\n") {
            shown += "\\n";
        } else if (letter == "\t") {
            shown += "\\t";
        } else if (is_control(letter.front())) {
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter.front()));
        } else {
            shown += letter;
        }
    }
    return shown + "\"";
}

std::string render(const Diagnostic& fault) {
    const std::string key = fault.key.empty() ? "" : escaped(fault.key, false) + ": ";
    std::string text = fmt::format("{}:{}:{}: error: {}{}", escaped(fault.file, false), fault.line,
                                   fault.column, key, escaped(fault.message, true));
    if (!fault.source_line.empty()) {
        const Excerpt shown = excerpt(fault.source_line, fault.column);
        text += fmt::format("\n  {}\n  {}", shown.line, shown.caret);
    }
    if (!fault.hint.empty()) text += "\n  hint: " + escaped(fault.hint, true);
    return text;
}

Diagnostics::Diagnostics(std::string file, std::string_view text)
    : file_(std::move(file)), text_(text), line_starts_{0} {
    for (std::size_t i = 0; i < text_.size(); ++i) {
        if (text_[i] == '\n') line_starts_.push_back(i + 1);
    }
}

void Diagnostics::add(Mark at, std::string key, std::string message, std::string hint) {
    if (faults_.size() >= kMostCollected) {
        ++uncollected_;
        return;
    }
    const std::string_view source = line(at.line);
    const auto before = source.substr(0, static_cast<std::size_t>(std::max(at.column, 1) - 1));
    const int column = static_cast<int>(characters(before).size()) + 1;
    faults_.push_back({file_, at.line, column, std::move(key), std::move(message), std::move(hint),
                       source.size() > kLongestLine ? "" : std::string(source)});
}

std::string_view Diagnostics::line(int number) const {
    const auto index = static_cast<std::size_t>(std::max(number, 1) - 1);
    if (index >= line_starts_.size()) return "";
    std::string_view rest = text_.substr(line_starts_[index]);
    rest = rest.substr(0, rest.find('\n'));
    if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
    return rest;
}

std::vector<Diagnostic> Diagnostics::sorted() const {
    std::vector<Diagnostic> all = faults_;
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    return all;
}

std::string Diagnostics::rendered() const {
    const std::vector<Diagnostic> all = sorted();
    std::string text;
    for (std::size_t i = 0; i < std::min(all.size(), kMostShown); ++i) {
        if (i > 0) text += "\n\n";
        text += render(all[i]);
    }
    if (size() > kMostShown) {
        text += fmt::format("\n\nand {} more faults in {}", size() - kMostShown, file_);
    }
    return text;
}

void Diagnostics::throw_if_any() const {
    if (!faults_.empty()) throw Error(ExitCode::bad_input, rendered());
}

}  // namespace amorsize
