#include "advisor/core/finished_run.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "advisor/core/random.hpp"

namespace amorsize {

namespace {

/// What ran out first, as that is what the next request goes by.
constexpr RunOutcome kGravest[]{RunOutcome::out_of_memory, RunOutcome::time_limit,
                                RunOutcome::failed, RunOutcome::stopped, RunOutcome::completed};

RunOutcome graver(RunOutcome one, RunOutcome other) {
    return *std::find_if(std::begin(kGravest), std::end(kGravest),
                         [&](RunOutcome outcome) { return outcome == one || outcome == other; });
}

std::vector<Sample> at_most(std::size_t most, const std::vector<Sample>& items) {
    std::vector<double> seconds;
    for (const Sample& item : items) seconds.push_back(item.seconds.value);
    std::vector<Sample> kept;
    for (const std::size_t which : standing_for_all(seconds, most)) kept.push_back(items[which]);
    return kept;
}

std::uint64_t seed_of(const std::vector<double>& seconds) {
    std::uint64_t seed = seconds.size();
    for (const double one : seconds) seed = seed * 31 + std::bit_cast<std::uint64_t>(one);
    return seed;
}

/// Up or down, so that it is what was expected on average.
std::size_t whole(double expected, Random& random) {
    return static_cast<std::size_t>(expected + random.uniform());
}

/// Both, each by as many as its share of all items earns.
std::vector<Sample> joined(const std::vector<Sample>& some, double items,
                           const std::vector<Sample>& more, double further) {
    if (some.empty() || items <= 0) return more;
    if (more.empty() || further <= 0) return some;
    const double share = std::min({static_cast<double>(kItemsKept) / (items + further),
                                   static_cast<double>(some.size()) / items,
                                   static_cast<double>(more.size()) / further});
    Random random(static_cast<std::uint64_t>(items));
    std::vector<Sample> both = at_most(whole(share * items, random), some);
    const std::vector<Sample> added = at_most(whole(share * further, random), more);
    both.insert(both.end(), added.begin(), added.end());
    return both;
}

}  // namespace

std::vector<std::size_t> standing_for_all(const std::vector<double>& seconds, std::size_t most) {
    std::vector<std::size_t> order(seconds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (seconds.size() <= most) return order;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return seconds[a] < seconds[b]; });
    const double start = Random(seed_of(seconds)).uniform();
    const double step = static_cast<double>(seconds.size()) / static_cast<double>(most);
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < most; ++i)
        kept.push_back(
            order[std::min(seconds.size() - 1,
                           static_cast<std::size_t>((static_cast<double>(i) + start) * step))]);
    std::sort(kept.begin(), kept.end());
    return kept;
}

FinishedRun with_element(FinishedRun known, const FinishedRun& more) {
    const double before = static_cast<double>(known.items);
    const double all = before + static_cast<double>(more.items);
    if (all > 0) known.seconds = (known.seconds * before + more.seconds * (all - before)) / all;
    known.items += more.items;
    known.finished_at = std::max(known.finished_at, more.finished_at);
    known.outcome = graver(known.outcome, more.outcome);
    known.peak = std::max(known.peak, more.peak);
    known.time_limit = std::max(known.time_limit, more.time_limit);
    if (!known.predicted) known.predicted = more.predicted;
    known.samples = joined(known.samples, before, more.samples, all - before);
    return known;
}

std::string argument_shape(const std::vector<std::string>& arguments) {
    std::string shape;
    for (const std::string& argument : arguments) {
        if (!shape.empty()) shape += ' ';
        bool in_number = false;
        for (const char letter : argument) {
            const bool digit = letter >= '0' && letter <= '9';
            if (!digit) shape += letter;
            if (digit && !in_number) shape += '#';
            in_number = digit;
        }
    }
    return shape;
}

}  // namespace amorsize
