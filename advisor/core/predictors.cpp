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
/// A retry asks for this much more than what is known to have happened.
constexpr double kRetryMargin = 1.1;
constexpr double kFarthestRetry = 4;
/// How much more the cheap predictors count than the dear.
constexpr int kPower = 10;

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
            const Expense one = expense(margin_of(expert) * node / 16, ratio * node / 16,
                                        {.likely = 0, .largest = 0, .cap = node});
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
    if (!has_request(facts) || group.beyond_asked) return node;
    return std::min(node, bytes_of(*facts.requested));
}

RequestLearner::Bounds RequestLearner::bounds(const Group& group, const TaskFacts& facts,
                                              const Predictions& at, std::size_t model) const {
    return {.likely = kRetryMargin * group.excess[model] * at[model],
            .largest = group.models.largest(),
            .cap = cap(group, facts)};
}

double RequestLearner::after_kill(double killed_at, const Bounds& bounds) const {
    const bool likely_helps =
        bounds.likely > 1.05 * killed_at && bounds.likely <= kFarthestRetry * killed_at;
    const double to_largest = std::min(kRetryMargin * bounds.largest, kFarthestRetry * killed_at);
    const double grown = likely_helps ? bounds.likely : std::max(2 * killed_at, to_largest);
    const double most = killed_at < bounds.cap ? bounds.cap : bytes_of(policy_.node_memory);
    return std::min(grown, most);
}

/// Of a task in a group that none was seen of.
double RequestLearner::after_first_kill(double killed_at, double asked) const {
    const double grown = killed_at < asked ? asked : 2 * killed_at;
    return std::min(grown, bytes_of(policy_.node_memory));
}

RequestLearner::Expense RequestLearner::expense(double first, double peak,
                                                const Bounds& bounds) const {
    Expense sum;
    double request = std::min(first, bounds.cap);
    while (request < peak && request < bytes_of(policy_.node_memory)) {
        sum.wasted += request;
        sum.kills += 1;
        request = after_kill(request, bounds);
    }
    sum.wasted += std::max(0.0, request - peak);
    return sum;
}

RequestLearner::Costs RequestLearner::costs(const Group& group, const TaskFacts& facts) const {
    const Shared& shared = shared_[shared_index(group.models.tasks(), facts)];
    const double mean_used = group.used / group.models.tasks();
    const double kill_price = policy_.kill_price * used_ / tasks_;
    const double weight = policy_.shared_weight / shared.tasks;
    Costs costs;
    for (std::size_t expert = 0; expert < kExperts; ++expert) {
        const Expense& own = group.own[expert];
        const Expense& others = shared.sums[expert];
        costs[expert] = own.wasted + kill_price * own.kills +
                        weight * (others.wasted * mean_used + kill_price * others.kills);
    }
    return costs;
}

std::size_t RequestLearner::cheapest(const Group& group, const TaskFacts& facts) const {
    const Costs all = costs(group, facts);
    return static_cast<std::size_t>(std::min_element(all.begin(), all.end()) - all.begin());
}

/// The share that would have cost the first tasks of the groups so far the least, and as many
/// tasks as are assumed, which need all that was asked for.
double RequestLearner::first_share() const {
    if (tasks_ == 0) return 1;
    const double mean_used = used_ / tasks_;
    const double kill_price = policy_.kill_price * mean_used;
    double best = 1;
    double least = INFINITY;
    for (std::size_t i = 0; i < kShares.size(); ++i) {
        const double share = kShares[i];
        const double assumed = share < 1 ? kAssumedTasks * (share * mean_used + kill_price) : 0;
        const double cost = of_shares_[i].wasted + kill_price * of_shares_[i].kills + assumed;
        if (cost < least) {
            least = cost;
            best = share;
        }
    }
    return best;
}

Bytes RequestLearner::request(const std::string& name, const TaskFacts& facts) const {
    const auto found = groups_.find(name);
    if (found == groups_.end()) {
        if (has_request(facts))
            return std::min(whole(first_share() * bytes_of(*facts.requested)), policy_.node_memory);
        return largest_ > 0 ? std::min(whole(2 * largest_), policy_.node_memory)
                            : policy_.node_memory;
    }
    const Group& group = found->second;
    const Predictions at = group.models.predict(facts);
    const Costs all = costs(group, facts);
    const double least = *std::min_element(all.begin(), all.end());
    double sum = 0;
    double weights = 0;
    for (std::size_t expert = 0; expert < kExperts; ++expert) {
        const double weight = all[expert] > 0 ? std::pow(least / all[expert], kPower) : 1;
        sum += weight * at[model_of(expert)] * margin_of(expert);
        weights += weight;
    }
    return whole(std::min(sum / weights, cap(group, facts)));
}

Bytes RequestLearner::request_after_kill(const std::string& name, const TaskFacts& facts,
                                         Bytes killed_at) const {
    const auto found = groups_.find(name);
    if (found == groups_.end()) {
        const double asked = has_request(facts) ? bytes_of(*facts.requested) : 0;
        return whole(after_first_kill(bytes_of(killed_at), asked));
    }
    const Group& group = found->second;
    const std::size_t model = model_of(cheapest(group, facts));
    const Predictions at = group.models.predict(facts);
    return whole(after_kill(bytes_of(killed_at), bounds(group, facts, at, model)));
}

void RequestLearner::learn_first(double asked, double peak, double seconds) {
    for (std::size_t i = 0; i < kShares.size(); ++i) {
        double request = kShares[i] * asked;
        while (request < peak && request < bytes_of(policy_.node_memory)) {
            of_shares_[i].wasted += request * seconds;
            of_shares_[i].kills += 1;
            request = after_first_kill(request, asked);
        }
        of_shares_[i].wasted += std::max(0.0, request - peak) * seconds;
    }
}

void RequestLearner::learn(const std::string& name, const TaskFacts& facts, Bytes peak,
                           Seconds time) {
    Group& group = groups_[name];
    const double bytes = std::max(1.0, bytes_of(peak));
    const double seconds = std::max(0.0, time.value);
    if (group.models.tasks() > 0) {
        const Predictions at = group.models.predict(facts);
        Shared& shared = shared_[shared_index(group.models.tasks(), facts)];
        // A peak far below its group's would make any waste look immense beside it.
        const double usual = std::max(bytes, group.models.mean());
        for (std::size_t expert = 0; expert < kExperts; ++expert) {
            const std::size_t model = model_of(expert);
            const Expense one =
                expense(at[model] * margin_of(expert), bytes, bounds(group, facts, at, model));
            Expense& own = group.own[expert];
            own.wasted = policy_.memory_of_choice * own.wasted + one.wasted * seconds;
            own.kills = policy_.memory_of_choice * own.kills + one.kills;
            shared.sums[expert].wasted += one.wasted / usual;
            shared.sums[expert].kills += one.kills;
        }
        shared.tasks += 1;
        for (std::size_t model = 0; model < kModels; ++model)
            group.excess[model] = std::max(group.excess[model], bytes / at[model]);
    } else if (has_request(facts)) {
        learn_first(bytes_of(*facts.requested), bytes, seconds);
    }
    if (has_request(facts) && *facts.requested < peak) group.beyond_asked = true;
    group.models.add(facts, peak);
    group.used += bytes * seconds;
    used_ += bytes * seconds;
    tasks_ += 1;
    largest_ = std::max(largest_, bytes);
}

std::string RequestLearner::choice(const std::string& name, const TaskFacts& facts) const {
    const auto found = groups_.find(name);
    if (found == groups_.end()) return fmt::format("the user's request x {}", first_share());
    const std::size_t expert = cheapest(found->second, facts);
    return fmt::format("{} x {}", name_of(static_cast<Model>(model_of(expert))), margin_of(expert));
}

}  // namespace amorsize
