#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "advisor/core/units.hpp"

namespace amorsize {

/// What is known of a task before it starts.
struct TaskFacts {
    std::optional<Bytes> input;
    std::optional<Bytes> requested;  ///< by its user
};
bool has_request(const TaskFacts& facts);

/// The simple models of a group's peak memory. Those on input size fall back on the largest seen
/// for a task without one.
enum class Model : std::size_t {
    largest,          ///< largest seen
    recent_largest,   ///< largest of the last 15
    mean,             ///< geometric mean, recent ones counting more
    lognormal_limit,  ///< upper limit of the logarithms, as in memory_request.hpp
    line,             ///< least squares on input size
    line_limit,       ///< the line and its largest residual so far
    recent_line,      ///< least squares, recent ones counting more
    power,            ///< least squares of the logarithms
    power_limit,      ///< the same and twice its deviation
    nearest,          ///< largest of the 3 nearest input sizes
    nearest_wide,     ///< largest of the 9 nearest input sizes
    local,            ///< least squares of the logarithms over the 9 nearest input sizes
    local_limit,      ///< the same and its largest residual among the 9
    share_of_request  ///< mean share of what the users asked for
};
inline constexpr std::size_t kModels = 14;
/// Margins on a model's prediction.
inline constexpr std::array kMargins{0.5,   0.7,  0.8,   0.9, 0.95, 1.0, 1.01, 1.02,
                                     1.035, 1.05, 1.075, 1.1, 1.15, 1.2, 1.25, 1.35,
                                     1.5,   1.7,  2.0,   2.5, 3.2,  4.0, 6.0};
inline constexpr std::size_t kExperts = kModels * kMargins.size();
/// Age classes of a group: 1, 2, 3-4, 5-8, 9-16, 17-32, 33-64, more tasks seen.
inline constexpr std::size_t kAges = 8;

using Predictions = std::array<double, kModels>;

const char* name_of(Model model);

/// Weighted sums of a straight line, each older pair counting `keep` times as much.
class RunningLine {
public:
    explicit RunningLine(double keep) : keep_(keep) {}
    void add(double x, double y);
    bool known() const { return tasks_ >= 3 && slope_known(); }
    double at(double x) const;

private:
    bool slope_known() const { return sum_xx_ > 1e-9 * weight_ * mean_x_ * mean_x_; }

    double keep_;
    double tasks_ = 0;
    double weight_ = 0;
    double mean_x_ = 0;
    double mean_y_ = 0;
    double sum_xx_ = 0;  ///< about the means
    double sum_xy_ = 0;
};

/// All models of one group, kept up to date at the cost of a search among sorted inputs a task.
class GroupModels {
public:
    int tasks() const { return tasks_; }
    double largest() const { return largest_; }
    double mean() const { return mean_; }
    /// Each model's prediction in bytes; all above 0. At least one task must have been seen.
    Predictions predict(const TaskFacts& facts) const;
    void add(const TaskFacts& facts, Bytes peak);

private:
    /// The seen pairs (logarithm of the input, peak) whose inputs are nearest.
    std::span<const std::pair<double, double>> nearest(double log_input, std::size_t count) const;
    double within_reason(double prediction) const;

    int tasks_ = 0;
    double smallest_ = 0;
    double largest_ = 0;
    double mean_ = 0;
    std::deque<double> recent_;
    double log_mean_ = 0;  ///< recent ones counting more
    double log_weight_ = 0;
    double log_all_mean_ = 0;
    double log_squares_ = 0;  ///< about the mean
    RunningLine line_{1.0};
    RunningLine recent_line_{0.93};
    RunningLine power_{1.0};
    double line_excess_ = 0;    ///< largest of peak - line, each before the line knew the task
    double power_squares_ = 0;  ///< of the logarithms' residuals, likewise
    double power_residuals_ = 0;
    double share_mean_ = 0;  ///< of log(peak / requested)
    double shares_ = 0;
    std::vector<std::pair<double, double>>
        by_input_;  ///< (logarithm of the input, peak), sorted by input
};

}  // namespace amorsize
