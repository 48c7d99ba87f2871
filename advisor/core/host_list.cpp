#include "advisor/core/host_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kMostDigits = 18;

std::uint64_t power_of_ten(int exponent) {
    std::uint64_t power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

std::optional<std::uint64_t> number_in(std::string_view digits) {
    if (digits.empty() || digits.size() > kMostDigits ||
        !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::string padded(std::uint64_t number, int digits) {
    return fmt::format("{:0{}}", number, digits);
}

/// A range as it is being written. The last number may have more digits than the first: "8-12".
struct WrittenRange {
    std::uint64_t first = 0;
    int first_digits = 0;
    std::uint64_t last = 0;
    int last_digits = 0;

    bool goes_on_with(std::uint64_t next, int digits) const {
        return digits == last_digits + 1 && last + 1 == power_of_ten(last_digits) &&
               next == last + 1 && first >= power_of_ten(first_digits - 1);
    }
    std::string text() const {
        const std::string start = padded(first, first_digits);
        return first == last ? start : start + "-" + padded(last, last_digits);
    }
};

std::vector<std::string_view> split_outside_brackets(std::string_view text) {
    std::vector<std::string_view> words;
    int depth = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || (text[i] == ',' && depth == 0)) {
            words.push_back(text.substr(start, i - start));
            start = i + 1;
        } else {
            depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
        }
    }
    return words;
}

}  // namespace

std::pair<HostList::Pattern, std::uint64_t> HostList::split(const std::string& host) {
    const std::size_t end = std::min(host.find('.'), host.size());
    std::size_t start = end;
    while (start > 0 && is_digit(host[start - 1])) --start;
    const auto number = number_in(std::string_view(host).substr(start, end - start));
    if (!number) return {{host, "", 0}, 0};
    return {{host.substr(0, start), host.substr(end), static_cast<int>(end - start)}, *number};
}

void HostList::add_range(Ranges& ranges, std::uint64_t first, std::uint64_t last) {
    auto next = ranges.upper_bound(first);
    if (next != ranges.begin()) {
        const auto before = std::prev(next);
        if (before->second + 1 >= first) {
            first = before->first;
            last = std::max(last, before->second);
            next = ranges.erase(before);
        }
    }
    while (next != ranges.end() && next->first <= last + 1) {
        last = std::max(last, next->second);
        next = ranges.erase(next);
    }
    ranges.emplace(first, last);
}

void HostList::add(const std::string& host) {
    const auto [pattern, number] = split(host);
    add_range(names_[pattern], number, number);
}

void HostList::add(const HostList& other) {
    for (const auto& [pattern, ranges] : other.names_) {
        Ranges& own = names_[pattern];
        for (const auto& [first, last] : ranges) add_range(own, first, last);
    }
}

HostList HostList::without(const HostList& other) const {
    HostList rest;
    for (const auto& [pattern, ranges] : names_) {
        const auto theirs = other.names_.find(pattern);
        Ranges left;
        for (const auto& [start, last] : ranges) {
            std::uint64_t first = start;
            if (theirs != other.names_.end()) {
                for (const auto& [gone_first, gone_last] : theirs->second) {
                    if (gone_last < first || gone_first > last) continue;
                    if (gone_first > first) left.emplace(first, gone_first - 1);
                    first = gone_last + 1;
                }
            }
            if (first <= last) left.emplace(first, last);
        }
        if (!left.empty()) rest.names_.emplace(pattern, std::move(left));
    }
    return rest;
}

bool HostList::contains(const std::string& host) const {
    return HostList(host).without(*this).empty();
}

std::int64_t HostList::size() const {
    std::uint64_t count = 0;
    for (const auto& [pattern, ranges] : names_) {
        for (const auto& [first, last] : ranges) count += last - first + 1;
    }
    return static_cast<std::int64_t>(count);
}

std::string HostList::text() const {
    // Patterns that differ in the digits alone follow one another and share brackets.
    std::string text;
    for (auto at = names_.begin(); at != names_.end();) {
        const Pattern& around = at->first;
        if (!text.empty()) text += ',';
        if (around.digits == 0) {
            text += around.prefix;
            ++at;
            continue;
        }
        std::vector<WrittenRange> written;
        for (; at != names_.end() && at->first.prefix == around.prefix &&
               at->first.suffix == around.suffix && at->first.digits > 0;
             ++at) {
            const int digits = at->first.digits;
            for (const auto& [first, last] : at->second) {
                if (!written.empty() && written.back().goes_on_with(first, digits)) {
                    written.back().last = last;
                    written.back().last_digits = digits;
                } else {
                    written.push_back({first, digits, last, digits});
                }
            }
        }
        std::string inside;
        for (const WrittenRange& range : written)
            inside += (inside.empty() ? "" : ",") + range.text();
        const bool one = written.size() == 1 && written.front().first == written.front().last;
        text += around.prefix + (one ? inside : "[" + inside + "]") + around.suffix;
    }
    return text;
}

std::vector<std::string> HostList::names(std::size_t most) const {
    std::vector<std::string> list;
    for (const auto& [around, ranges] : names_) {
        for (const auto& [first, last] : ranges) {
            for (std::uint64_t number = first; number <= last && list.size() < most; ++number) {
                list.push_back(around.digits == 0
                                   ? around.prefix
                                   : around.prefix + padded(number, around.digits) + around.suffix);
            }
        }
    }
    return list;
}

bool HostList::parse_range(const Pattern& around, std::string_view range) {
    const std::size_t dash = range.find('-');
    const std::string_view low = range.substr(0, dash);
    const std::string_view high = dash == std::string_view::npos ? low : range.substr(dash + 1);
    const auto first = number_in(low);
    const auto last = number_in(high);
    if (!first || !last || *last < *first || high.size() < low.size()) return false;
    for (std::size_t digits = low.size(); digits <= high.size(); ++digits) {
        const int count = static_cast<int>(digits);
        const std::uint64_t start = digits == low.size() ? *first : power_of_ten(count - 1);
        const std::uint64_t end = digits == high.size() ? *last : power_of_ten(count) - 1;
        add_range(names_[{around.prefix, around.suffix, count}], start, end);
    }
    return true;
}

bool HostList::parse_word(std::string_view word, HostList& list) {
    const std::size_t open = word.find('[');
    if (open == std::string_view::npos) {
        if (word.empty() || word.find(']') != std::string_view::npos) return false;
        list.add(std::string(word));
        return true;
    }
    const std::size_t close = word.find(']', open);
    if (close == std::string_view::npos) return false;
    const Pattern around{std::string(word.substr(0, open)), std::string(word.substr(close + 1)), 0};
    if (around.suffix.find_first_of("[]") != std::string::npos) return false;
    for (const std::string_view range :
         split_outside_brackets(word.substr(open + 1, close - open - 1))) {
        if (!list.parse_range(around, range)) return false;
    }
    return true;
}

std::optional<HostList> HostList::parse(std::string_view text) {
    HostList list;
    if (text.empty()) return list;
    for (const std::string_view word : split_outside_brackets(text)) {
        if (!parse_word(word, list)) return std::nullopt;
    }
    return list;
}

}  // namespace amorsize
