#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/predictor_models.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

/// What guides the choice among predictors.
struct LearningPolicy {
    Bytes node_memory{512 * kGiB.value};  ///< no request exceeds it
    double kill_price =
        0.25;  ///< price of one kill beside the memory it wastes: so many times the mean
               ///< memory-time a task of this trace uses. 0: kills cost what they waste
    double shared_weight =
        4;  ///< how many tasks of its own a group needs to count as much as the others'
    double memory_of_choice =
        0.99;  ///< what a task's cost still counts after each further task (drift)
};

/// Shares of its user's request that the first task of a group may be given.
inline constexpr std::array kShares{1.0,  0.7,  0.5,  0.35,  0.25, 0.18,
                                    0.12, 0.09, 0.06, 0.045, 0.03, 0.02};

/// Learns memory requests from finished tasks, in the order they come: per group (a process, a job
/// that recurs) it keeps several simple models of the peak and, of each, what its predictions times
/// a ladder of margins would have cost so far: memory-time asked for and not used, the whole of it
/// in attempts that were killed, and a price per kill. The next request is the mean of all of them,
/// each weighted by its cost to the power -10 (a polynomially weighted forecaster; Cesa-Bianchi and
/// Lugosi 2006, 2.1, has 2 ln of their number, here 11.5). A young group leans on what the same
/// models cost other groups of that age, a new one on what shares of their users' requests would
/// have cost the first tasks of the others. A killed attempt is taken to have run the task's full
/// time.
class RequestLearner {
public:
    explicit RequestLearner(const LearningPolicy& policy = {});

    /// The first request for a task. A group's first task gets what its user asked for, or a share
    /// of it that would have done for other groups' first tasks.
    Bytes request(const std::string& group, const TaskFacts& facts) const;
    /// The request after an attempt with `killed_at` ran out; equal to it at node_memory, where
    /// nothing helps.
    Bytes request_after_kill(const std::string& group, const TaskFacts& facts,
                             Bytes killed_at) const;
    /// Takes a finished task into account.
    void learn(const std::string& group, const TaskFacts& facts, Bytes peak, Seconds seconds);
    /// The model and margin that count most in the next request of a group: "line on input x 1.05".
    std::string choice(const std::string& group, const TaskFacts& facts) const;

private:
    struct Expense {
        double wasted = 0;  ///< byte seconds of one's own group; relative to the peaks when shared
        double kills = 0;
    };
    using Expenses = std::array<Expense, kExperts>;
    using Costs = std::array<double, kExperts>;
    /// What a request goes by once an attempt was killed.
    struct Bounds {
        double likely = 0;  ///< a model's prediction and the largest excess over it so far
        double largest = 0;
        double cap = 0;
    };
    struct Group {
        GroupModels models;
        Expenses own{};
        Predictions excess{};       ///< largest peak over each model's prediction
        double used = 0;            ///< byte seconds
        bool beyond_asked = false;  ///< some task took more than its user asked for
    };
    struct Shared {
        Expenses sums{};
        double tasks = 0;
    };

    Costs costs(const Group& group, const TaskFacts& facts) const;
    std::size_t cheapest(const Group& group, const TaskFacts& facts) const;
    double cap(const Group& group, const TaskFacts& facts) const;
    Bounds bounds(const Group& group, const TaskFacts& facts, const Predictions& at,
                  std::size_t model) const;
    double after_kill(double killed_at, const Bounds& bounds) const;
    double after_first_kill(double killed_at, double asked) const;
    Expense expense(double first, double peak, const Bounds& bounds) const;
    double first_share() const;
    void learn_first(double asked, double peak, double seconds);

    LearningPolicy policy_;
    std::map<std::string, Group> groups_;
    std::array<Expense, kShares.size()> of_shares_{};  ///< byte seconds, of groups' first tasks
    std::array<Shared, 2 * kAges>
        shared_{};  ///< by age of the group, without and with an input size
    double used_ = 0;
    double tasks_ = 0;
    double largest_ = 0;
};

}  // namespace amorsize
