#include "advisor/core/predictors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace amorsize {

namespace {

/// What the shared experience starts from, so that the first groups have something to lean on: a
/// peak may come out at these multiples of any prediction.
constexpr std::array kAssumedRatios{0.6, 0.8, 0.9, 0.95, 1.0, 1.03, 1.1, 1.2, 1.5, 2.2};
constexpr double kAssumedTasks = 3;

double bytes_of(const Bytes& size) {
    return static_cast<double>(size.value);
}

std::size_t age_of(int tasks) {
    const auto past = static_cast<unsigned>(std::max(tasks, 1) - 1);
    return std::min<std::size_t>(kAges - 1, static_cast<std::size_t>(std::bit_width(past)));
}

std::size_t shared_index(int tasks, const TaskFacts& facts) {
    return 2 * age_of(tasks) + (facts.input ? 1 : 0);
}

Bytes whole(double bytes) {
    return {static_cast<std::int64_t>(std::ceil(bytes))};
}

double margin_of(std::size_t expert) {
    return kMargins[expert % kMargins.size()];
}
std::size_t model_of(std::size_t expert) {
    return expert / kMargins.size();
}

}  // namespace

RequestLearner::RequestLearner(const LearningPolicy& policy) : policy_(policy) {
    const double node = bytes_of(policy_.node_memory);
    for (std::size_t expert = 0; expert < kExperts; ++expert) {
        Expense sum;
        for (double ratio : kAssumedRatios) {
            const Expense one = expense(margin_of(expert) * node / 16, ratio * node / 16, 0, node);
            sum.wasted += one.wasted / (ratio * node / 16);
            sum.kills += one.kills;
        }
        for (Shared& shared : shared_) {
            shared.sums[expert].wasted = sum.wasted * kAssumedTasks / kAssumedRatios.size();
            shared.sums[expert].kills = sum.kills * kAssumedTasks / kAssumedRatios.size();
        }
    }
    for (Shared& shared : shared_) shared.tasks = kAssumedTasks;
}

double RequestLearner::cap(const Group& group, const TaskFacts& facts) const {
    const double node = bytes_of(policy_.node_memory);
    if (!facts.requested || facts.requested->value <= 0 || group.beyond_asked) return node;
    return std::min(node, bytes_of(*facts.requested));
}

double RequestLearner::after_kill(double killed_at, double largest, double cap) const {
    const double to_largest = std::min(1.1 * largest, 4 * killed_at);
    const double grown = std::max(2 * killed_at, to_largest);
    if (killed_at < cap) return std::min(grown, cap);
    return std::min(grown, bytes_of(policy_.node_memory));
}

RequestLearner::Expense RequestLearner::expense(double first, double peak, double largest,
                                                double cap) const {
    Expense sum;
    double request = std::min(first, cap);
    while (request < peak && request < bytes_of(policy_.node_memory)) {
        sum.wasted += request;
        sum.kills += 1;
        request = after_kill(request, largest, cap);
    }
    sum.wasted += std::max(0.0, request - peak);
    return sum;
}

std::size_t RequestLearner::cheapest(const Group& group, const TaskFacts& facts) const {
    const Shared& shared = shared_[shared_index(group.models.tasks(), facts)];
    const double mean_used = group.used / group.models.tasks();
    const double kill_price = policy_.kill_price * used_ / tasks_;
    const double weight = policy_.shared_weight / shared.tasks;
    std::size_t best = 0;
    double least = INFINITY;
    for (std::size_t expert = 0; expert < kExperts; ++expert) {
        const Expense& own = group.own[expert];
        const Expense& others = shared.sums[expert];
        const double cost = own.wasted + kill_price * own.kills +
                            weight * (others.wasted * mean_used + kill_price * others.kills);
        if (cost < least) {
            least = cost;
            best = expert;
        }
    }
    return best;
}

Bytes RequestLearner::request(const std::string& name, const TaskFacts& facts) const {
    const auto found = groups_.find(name);
    if (found == groups_.end()) {
        if (facts.requested && facts.requested->value > 0) {
            return std::min(*facts.requested, policy_.node_memory);
        }
        return largest_ > 0 ? std::min(whole(2 * largest_), policy_.node_memory)
                            : policy_.node_memory;
    }
    const Group& group = found->second;
    const std::size_t expert = cheapest(group, facts);
    const double predicted = group.models.predict(facts)[model_of(expert)] * margin_of(expert);
    return whole(std::min(predicted, cap(group, facts)));
}

Bytes RequestLearner::request_after_kill(const std::string& name, const TaskFacts& facts,
                                         Bytes killed_at) const {
    const auto found = groups_.find(name);
    const double node = bytes_of(policy_.node_memory);
    if (found == groups_.end()) return whole(std::min(2 * bytes_of(killed_at), node));
    const Group& group = found->second;
    return whole(after_kill(bytes_of(killed_at), group.models.largest(), cap(group, facts)));
}

void RequestLearner::learn(const std::string& name, const TaskFacts& facts, Bytes peak,
                           Seconds time) {
    Group& group = groups_[name];
    const double bytes = std::max(1.0, bytes_of(peak));
    const double seconds = std::max(0.0, time.value);
    if (group.models.tasks() > 0) {
        const Predictions at = group.models.predict(facts);
        Shared& shared = shared_[shared_index(group.models.tasks(), facts)];
        const double limit = cap(group, facts);
        // A peak far below its group's would make any waste look immense beside it.
        const double usual = std::max(bytes, group.models.mean());
        for (std::size_t expert = 0; expert < kExperts; ++expert) {
            const Expense one = expense(at[model_of(expert)] * margin_of(expert), bytes,
                                        group.models.largest(), limit);
            Expense& own = group.own[expert];
            own.wasted = policy_.memory_of_choice * own.wasted + one.wasted * seconds;
            own.kills = policy_.memory_of_choice * own.kills + one.kills;
            shared.sums[expert].wasted += one.wasted / usual;
            shared.sums[expert].kills += one.kills;
        }
        shared.tasks += 1;
    }
    if (facts.requested && facts.requested->value > 0 && *facts.requested < peak) {
        group.beyond_asked = true;
    }
    group.models.add(facts, peak);
    group.used += bytes * seconds;
    used_ += bytes * seconds;
    tasks_ += 1;
    largest_ = std::max(largest_, bytes);
}

std::string RequestLearner::choice(const std::string& name, const TaskFacts& facts) const {
    const auto found = groups_.find(name);
    if (found == groups_.end()) return "the user's request";
    const std::size_t expert = cheapest(found->second, facts);
    return fmt::format("{} x {}", name_of(static_cast<Model>(model_of(expert))), margin_of(expert));
}

}  // namespace amorsize
