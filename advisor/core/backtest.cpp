#include "advisor/core/backtest.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace amorsize {

namespace {

constexpr double kGibHour = 1073741824.0 * 3600.0;

double bytes_of(Bytes size) {
    return static_cast<double>(size.value);
}
Bytes whole(double bytes) {
    return {static_cast<std::int64_t>(std::ceil(bytes))};
}

/// What the user asked for; without that, the node.
Bytes asked_for(const TraceTask& task, Bytes node_memory) {
    if (!task.requested || task.requested->value <= 0) return node_memory;
    return std::min(*task.requested, node_memory);
}

Bytes doubled(Bytes killed_at, Bytes node_memory) {
    return std::min(whole(2 * bytes_of(killed_at)), node_memory);
}

class OurRule : public SizingRule {
public:
    explicit OurRule(const LearningPolicy& policy) : learner_(policy) {}
    Bytes request(const TraceTask& task) const override {
        return learner_.request(task.group, {task.input, task.requested});
    }
    Bytes after_kill(const TraceTask& task, Bytes killed_at) const override {
        return learner_.request_after_kill(task.group, {task.input, task.requested}, killed_at);
    }
    void learn(const TraceTask& task) override {
        learner_.learn(task.group, {task.input, task.requested}, task.peak, task.seconds);
    }

private:
    RequestLearner learner_;
};

class AsRequested : public SizingRule {
public:
    explicit AsRequested(Bytes node_memory) : node_memory_(node_memory) {}
    Bytes request(const TraceTask& task) const override { return asked_for(task, node_memory_); }
    Bytes after_kill(const TraceTask&, Bytes killed_at) const override {
        return doubled(killed_at, node_memory_);
    }
    void learn(const TraceTask&) override {}

private:
    Bytes node_memory_;
};

class LargestWithMargin : public SizingRule {
public:
    LargestWithMargin(double margin, Bytes node_memory)
        : margin_(margin), node_memory_(node_memory) {}
    Bytes request(const TraceTask& task) const override {
        const auto found = largest_.find(task.group);
        if (found == largest_.end()) return asked_for(task, node_memory_);
        return std::min(whole(margin_ * found->second), node_memory_);
    }
    Bytes after_kill(const TraceTask&, Bytes killed_at) const override {
        return doubled(killed_at, node_memory_);
    }
    void learn(const TraceTask& task) override {
        double& largest = largest_[task.group];
        largest = std::max(largest, bytes_of(task.peak));
    }

private:
    double margin_;
    Bytes node_memory_;
    std::map<std::string, double> largest_;
};

/// Peaks in order with the time each ran.
class TovarsRule : public SizingRule {
public:
    explicit TovarsRule(Bytes node_memory) : node_memory_(node_memory) {}
    Bytes request(const TraceTask& task) const override {
        const auto found = seen_.find(task.group);
        if (found == seen_.end()) return asked_for(task, node_memory_);
        return std::min(whole(found->second.first_allocation), node_memory_);
    }
    Bytes after_kill(const TraceTask& task, Bytes killed_at) const override {
        const auto found = seen_.find(task.group);
        if (found == seen_.end()) return doubled(killed_at, node_memory_);
        const Bytes largest = whole(found->second.peaks.back().first);
        return largest > killed_at ? largest : doubled(killed_at, node_memory_);
    }
    void learn(const TraceTask& task) override {
        Seen& seen = seen_[task.group];
        const std::pair peak{bytes_of(task.peak), task.seconds.value};
        seen.peaks.insert(std::upper_bound(seen.peaks.begin(), seen.peaks.end(), peak), peak);
        // A new optimum is sought while it moves, then each time the group has grown by a
        // twentieth.
        if (seen.peaks.size() >= seen.next_search || peak.first >= seen.peaks.back().first) {
            seen.next_search = seen.peaks.size() + std::max<std::size_t>(1, seen.peaks.size() / 20);
            seen.first_allocation = least_waste(seen.peaks);
        }
    }

private:
    using Peaks = std::vector<std::pair<double, double>>;
    struct Seen {
        Peaks peaks;
        std::size_t next_search = 0;
        double first_allocation = 0;
    };
    static double least_waste(const Peaks& peaks) {
        double all = 0;
        for (const auto& [peak, seconds] : peaks) all += seconds;
        double best = peaks.back().first;
        double least = INFINITY;
        double above = all;
        for (const auto& [peak, seconds] : peaks) {
            above -= seconds;
            const double cost = peak * all + peaks.back().first * std::max(0.0, above);
            if (cost < least) {
                least = cost;
                best = peak;
            }
        }
        return best;
    }

    Bytes node_memory_;
    std::map<std::string, Seen> seen_;
};

class WittsRule : public SizingRule {
public:
    explicit WittsRule(Bytes node_memory) : node_memory_(node_memory) {}
    Bytes request(const TraceTask& task) const override {
        const auto found = seen_.find(task.group);
        if (found == seen_.end()) return asked_for(task, node_memory_);
        const Seen& seen = found->second;
        double predicted = seen.largest;
        if (task.input && seen.line.known()) {
            const double deviation = std::sqrt(seen.squares / std::max(1.0, seen.residuals));
            predicted = std::max(seen.smallest, seen.line.at(bytes_of(*task.input)) + deviation);
        }
        return std::min(whole(predicted), node_memory_);
    }
    Bytes after_kill(const TraceTask&, Bytes killed_at) const override {
        return doubled(killed_at, node_memory_);
    }
    void learn(const TraceTask& task) override {
        Seen& seen = seen_[task.group];
        const double peak = bytes_of(task.peak);
        seen.smallest = seen.largest > 0 ? std::min(seen.smallest, peak) : peak;
        seen.largest = std::max(seen.largest, peak);
        if (!task.input) return;
        const double input = bytes_of(*task.input);
        if (seen.line.known()) {
            seen.squares += std::pow(peak - seen.line.at(input), 2);
            ++seen.residuals;
        }
        seen.line.add(input, peak);
    }

private:
    struct Seen {
        double smallest = 0;
        double largest = 0;
        RunningLine line{1.0};
        double squares = 0;
        double residuals = 0;
    };
    Bytes node_memory_;
    std::map<std::string, Seen> seen_;
};

}  // namespace

RuleOutcome replay(std::span<const TraceTask> trace, SizingRule& rule, std::string name,
                   Bytes node_memory) {
    RuleOutcome outcome;
    outcome.rule = std::move(name);
    outcome.requests.reserve(trace.size());
    for (const TraceTask& task : trace) {
        std::vector<Bytes> attempts{rule.request(task)};
        double wasted = 0;
        while (attempts.back() < task.peak && attempts.back() < node_memory) {
            wasted += bytes_of(attempts.back()) * task.seconds.value;
            const Bytes next = rule.after_kill(task, attempts.back());
            const bool grew = next > attempts.back() && next < node_memory;
            attempts.push_back(grew ? next : node_memory);
        }
        if (attempts.back() < task.peak) {
            ++outcome.never_fitted;
        } else {
            wasted += bytes_of(attempts.back() - task.peak) * task.seconds.value;
            outcome.wasted_gib_hours += wasted / kGibHour;
            outcome.kills += static_cast<std::int64_t>(attempts.size()) - 1;
        }
        outcome.requests.push_back(std::move(attempts));
        rule.learn(task);
    }
    return outcome;
}

Backtest backtest(std::span<const TraceTask> trace, const LearningPolicy& policy) {
    Backtest result;
    std::set<std::string> groups;
    for (const TraceTask& task : trace) {
        groups.insert(task.group);
        result.used_gib_hours += bytes_of(task.peak) * task.seconds.value / kGibHour;
    }
    result.tasks = static_cast<std::int64_t>(trace.size());
    result.groups = static_cast<std::int64_t>(groups.size());

    const Bytes node = policy.node_memory;
    std::vector<std::pair<std::string, std::unique_ptr<SizingRule>>> rules;
    rules.emplace_back("amorsize", std::make_unique<OurRule>(policy));
    rules.emplace_back("as requested", std::make_unique<AsRequested>(node));
    rules.emplace_back("largest x 1.2", std::make_unique<LargestWithMargin>(1.2, node));
    rules.emplace_back("Tovar", std::make_unique<TovarsRule>(node));
    rules.emplace_back("Witt", std::make_unique<WittsRule>(node));
    for (auto& [name, rule] : rules) result.rules.push_back(replay(trace, *rule, name, node));
    return result;
}

}  // namespace amorsize
