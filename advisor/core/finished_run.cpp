#include "advisor/core/finished_run.hpp"

#include <algorithm>
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

/// Both, each by as many as its share of all items earns where not all can be kept.
std::vector<Sample> joined(std::vector<Sample> some, double items, const std::vector<Sample>& more,
                           double further) {
    if (some.size() + more.size() > kItemsKept) {
        const double earned = static_cast<double>(kItemsKept) * items / (items + further);
        some = at_most(static_cast<std::size_t>(std::lround(earned)), some);
    }
    const std::vector<Sample> added = at_most(kItemsKept - some.size(), more);
    some.insert(some.end(), added.begin(), added.end());
    return some;
}

}  // namespace

std::vector<std::size_t> standing_for_all(const std::vector<double>& seconds, std::size_t most) {
    std::vector<std::size_t> order(seconds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (seconds.size() <= most) return order;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return seconds[a] < seconds[b]; });
    Random random(seconds.size());
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < most; ++i) {
        const std::size_t first = i * seconds.size() / most;
        const std::size_t next = (i + 1) * seconds.size() / most;
        kept.push_back(order[first + random.below(next - first)]);
    }
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
    known.samples = joined(std::move(known.samples), before, more.samples, all - before);
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
