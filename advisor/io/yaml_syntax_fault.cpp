#include "advisor/io/yaml_syntax_fault.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amorsize::yaml {

namespace {

constexpr auto npos = std::string_view::npos;

/// A tab among the blanks a line begins with; npos if there is none.
std::size_t tab_in_indentation(std::string_view line) {
    const std::size_t tab = line.find('\t');
    return line.substr(0, tab).find_first_not_of(' ') == npos ? tab : npos;
}

/// Characters that look like YAML's own, from word processors, web pages and old systems.
struct LookAlike {
    std::string_view bytes;
    const char* hint;
};
constexpr LookAlike kLookAlikes[] = {
    {"\u00a0", "a no-break space, which is no blank to YAML: type a plain one"},
    {"\u201c", "a typographic quote, which is no quote to YAML: type a plain one"},
    {"\u201d", "a typographic quote, which is no quote to YAML: type a plain one"},
    {"\u2018", "a typographic quote, which is no quote to YAML: type a plain one"},
    {"\u2019", "a typographic quote, which is no quote to YAML: type a plain one"},
    {"\r", "a lone carriage return: save the file with Unix line ends"}};

/// KEY:VALUE, which is one word to YAML; an address (http://) is meant to be one.
bool lacks_blank_after_colon(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(' ');
    const std::size_t colon = line.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", std::min(begin, line.size()));
    return colon != npos && colon > begin && line[colon] == ':' && colon + 1 < line.size() &&
           std::string_view(" /:").find(line[colon + 1]) == npos;
}

/// What a person may have overlooked up to the line where the parser stopped.
std::string likely_cause(int last_line, const Diagnostics& faults) {
    for (int number = 1; number <= last_line; ++number) {
        const std::string_view whole = faults.line(number);
        const std::string_view line = whole.substr(0, whole.find('#'));
        for (const LookAlike& one : kLookAlikes) {
            if (line.find(one.bytes) != npos)
                return fmt::format("line {} holds {}", number, one.hint);
        }
        if (lacks_blank_after_colon(line))
            return fmt::format("put a blank after the colon in line {}", number);
    }
    return {};
}

}  // namespace

void add_syntax_fault(const std::string& said, Mark at, const std::optional<Mark>& open,
                      Diagnostics& faults) {
    const std::size_t tab = tab_in_indentation(faults.line(at.line));
    const auto says = [&](const char* words) { return said.find(words) != npos; };
    const std::string cause = likely_cause(at.line, faults);
    const auto hint = [&](const char* usual) { return cause.empty() ? usual : cause; };
    if (open && says("flow not found")) {
        faults.add(*open, "", "not valid YAML: the bracket is never closed",
                   hint("add the closing ] or }"));
    } else if (tab != npos) {
        faults.add({at.line, static_cast<int>(tab) + 1}, "",
                   "not valid YAML: a tab in the indentation", "indent with spaces");
    } else if (says("anchor is not defined")) {
        faults.add(at, "", "not valid YAML: an alias (*) of no anchor (&)",
                   "quote text that begins with * or &");
    } else {
        faults.add(
            at, "", "not valid YAML: " + said,
            hint("check the indentation, and quote values that hold : # { } [ ] @ ` % or !"));
    }
}

}  // namespace amorsize::yaml
