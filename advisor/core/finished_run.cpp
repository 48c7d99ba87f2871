#include "advisor/core/finished_run.hpp"

#include <algorithm>

namespace amorsize {

namespace {

/// What ran out first, as that is what the next request goes by.
constexpr RunOutcome kGravest[]{RunOutcome::out_of_memory, RunOutcome::time_limit,
                                RunOutcome::failed, RunOutcome::stopped, RunOutcome::completed};

RunOutcome graver(RunOutcome one, RunOutcome other) {
    return *std::find_if(std::begin(kGravest), std::end(kGravest),
                         [&](RunOutcome outcome) { return outcome == one || outcome == other; });
}

}  // namespace

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
    known.samples.insert(known.samples.end(), more.samples.begin(), more.samples.end());
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
