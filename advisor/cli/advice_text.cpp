#include "advisor/cli/advice_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/cli/advice_words.hpp"
#include "advisor/cli/comparison_text.hpp"
#include "advisor/cli/ways_text.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli {

namespace {

constexpr std::size_t kLineWidth = 118;
constexpr std::size_t kIndent = 13;

/// A labelled line; a long one goes on below, indented a little further, a figure never apart from
/// its unit.
std::string row(const char* label, const std::string& words) {
    std::string text = printable(words);
    std::string out = fmt::format("  {:<9}  ", label);
    for (std::size_t room = kLineWidth - kIndent; text.size() > room;
         room = kLineWidth - kIndent - 2) {
        std::size_t blank = text.rfind(' ', room);
        while (blank != std::string::npos && blank > 0 && is_digit(text[blank - 1]))
            blank = text.rfind(' ', blank - 1);
        if (blank == std::string::npos || blank == 0) break;
        out += fmt::format("{}\n{:{}}", text.substr(0, blank), "", kIndent + 2);
        text.erase(0, blank + 1);
    }
    return out + text + "\n";
}

std::string alternative(const Alternative& other, const Advice& advice) {
    const auto& queue = other.plan.predicted.queue;
    return fmt::format("{}: {}{}, {} ({})", in_brief(other.plan, advice),
                       to_text(other.plan.predicted.wall.p50),
                       queue ? fmt::format(" after {} in the queue", to_text(*queue)) : "",
                       core_hours_text(other.plan.predicted.core_hours), text(other.against));
}

/// Reasons that a first reading needs; the others wait for --explain.
bool is_essential(const Reason& reason) {
    static const std::vector<std::string> detail{
        "second_thread_rejected", "time_limit_from_prediction", "node_limit",
        "memory_given",           "one_item_per_chunk",         "chunks_balance"};
    const auto* ceiling = std::get_if<reason::MemoryCeiling>(&reason);
    if (ceiling != nullptr) return ceiling->binding;
    const auto* usable = std::get_if<reason::UsableLimit>(&reason);
    if (usable != nullptr) return !usable->of_memory;
    return std::find(detail.begin(), detail.end(), code(reason)) == detail.end();
}

/// What a first reading needs: the items' time, the node, what the advice cost a cluster, and
/// whatever is not known.
std::vector<std::string> known_in_short(const Advice& advice) {
    std::vector<std::string> lines;
    std::string assumed;
    for (const Fact& fact : advice.basis) {
        if (fact.source == Source::assumed) {
            assumed += fmt::format("{}{} {}", assumed.empty() ? "" : ", ", fact.name, fact.value);
        } else if (fact.name == "item time" || fact.name == "run time" || fact.name == "node" ||
                   fact.name == "last run" || fact.name == "advice") {
            lines.push_back(fmt::format("{}: {} {} ({})", name_of(fact.source), fact.name,
                                        fact.value, fact.origin));
        }
    }
    lines.push_back("assumed: " + (assumed.empty() ? "nothing" : assumed));
    return lines;
}

std::string list(const char* label, const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += row(out.empty() ? label : "", line);
    return out;
}

}  // namespace

std::string advice_text(const Manifest& manifest, std::int64_t items, const Advice& advice,
                        const std::vector<std::string>& directives,
                        const std::optional<Comparison>& explained) {
    std::string out = title_of(manifest, items) + "\n\n";
    for (const Saying& saying : decision_of(manifest, items, advice, directives))
        out += row(saying.label.c_str(), saying.words);
    out += "\n";
    std::vector<std::string> because;
    for (const Reason& reason : advice.reasons) {
        if (explained || is_essential(reason) || !advice.plan) because.push_back(text(reason));
    }
    std::vector<std::string> warnings;
    for (const Reason& warning : advice.warnings) warnings.push_back(text(warning));
    out += list("because", because) + list("beware", warnings);
    if (!advice.plan) return out;
    std::vector<std::string> instead;
    for (const Alternative& other : advice.alternatives)
        instead.push_back(alternative(other, advice));
    if (!explained && instead.size() > 4) instead.resize(4);
    out += list("instead", instead);
    if (const std::string other = trade_off(advice); !other.empty()) out += row("trade-off", other);
    if (explained) {
        out += list("compared", comparison_lines(*explained));
        std::vector<std::string> known;
        for (const Fact& fact : advice.basis) {
            known.push_back(fmt::format("{}: {} ({}: {})", fact.name, fact.value,
                                        name_of(fact.source), fact.origin));
        }
        return out + list("known", known);
    }
    return out + list("known", known_in_short(advice));
}

}  // namespace amorsize::cli
