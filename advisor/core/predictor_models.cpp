#include "advisor/core/predictor_models.hpp"

#include <algorithm>
#include <cmath>

#include "advisor/core/tolerance.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kRecent = 15;
constexpr double kKeep = 0.93;
constexpr std::size_t kNear = 9;         // neighbours that a local line goes through
constexpr std::size_t kMostKept = 4096;  // of the inputs that `nearest` searches

/// Logarithm of an input size, defined for the empty input too.
double log_input(double bytes) {
    return std::log(bytes + 1);
}

double bytes_of(const std::optional<Bytes>& size) {
    return static_cast<double>(size->value);
}

bool has_input(const TaskFacts& facts) {
    return facts.input && facts.input->value >= 0;
}
/// The prediction factor at 5 % risk (tolerance.hpp), tabulated for the sizes where it still moves.
double limit_factor(int n) {
    constexpr int kTabulated = 30;
    static const std::array<double, kTabulated + 1> factors = [] {
        std::array<double, kTabulated + 1> table{};
        for (int i = 2; i <= kTabulated; ++i) {
            table[static_cast<std::size_t>(i)] = prediction_factor(i, {0.05});
        }
        return table;
    }();
    return factors[static_cast<std::size_t>(std::min(n, kTabulated))];
}

using Pairs = std::span<const std::pair<double, double>>;

double largest_peak(Pairs pairs) {
    double largest = 0;
    for (const auto& [input, peak] : pairs) largest = std::max(largest, peak);
    return largest;
}

/// A line through logarithms, so that a floor, a slope and a roof of the same group each count
/// where they hold.
struct LocalLine {
    double value = 0;  ///< logarithm of the peak at the input asked for
    double largest_residual = 0;
};

LocalLine local_line(Pairs near, double log_input) {
    RunningLine line(1.0);
    for (const auto& [input, peak] : near) line.add(input, std::log(peak));
    LocalLine local{line.at(log_input), 0};
    for (const auto& [input, peak] : near) {
        local.largest_residual = std::max(local.largest_residual, std::log(peak) - line.at(input));
    }
    return local;
}

}  // namespace

bool has_request(const TaskFacts& facts) {
    return facts.requested && facts.requested->value > 0;
}

const char* name_of(Model model) {
    switch (model) {
        case Model::largest:
            return "largest seen";
        case Model::recent_largest:
            return "largest of the last 15";
        case Model::mean:
            return "mean";
        case Model::lognormal_limit:
            return "lognormal limit";
        case Model::line:
            return "line on input";
        case Model::line_limit:
            return "line on input and its largest residual";
        case Model::recent_line:
            return "line on recent inputs";
        case Model::power:
            return "power of input";
        case Model::power_limit:
            return "power of input and twice its deviation";
        case Model::nearest:
            return "3 nearest inputs";
        case Model::nearest_wide:
            return "9 nearest inputs";
        case Model::local:
            return "line through 9 nearest inputs";
        case Model::local_limit:
            return "line through 9 nearest inputs and its largest residual";
        case Model::share_of_request:
            return "share of the request";
    }
    return "";
}

void RunningLine::add(double x, double y) {
    weight_ = keep_ * weight_ + 1;
    sum_xx_ *= keep_;
    sum_xy_ *= keep_;
    const double from_mean = x - mean_x_;
    mean_x_ += from_mean / weight_;
    sum_xy_ += from_mean * (1 - 1 / weight_) * (y - mean_y_);
    sum_xx_ += from_mean * (x - mean_x_);
    mean_y_ += (y - mean_y_) / weight_;
    ++tasks_;
}

double RunningLine::at(double x) const {
    if (!slope_known()) return mean_y_;
    return mean_y_ + sum_xy_ / sum_xx_ * (x - mean_x_);
}

std::span<const std::pair<double, double>> GroupModels::nearest(double log_input,
                                                                std::size_t count) const {
    auto right = std::lower_bound(by_input_.begin(), by_input_.end(), std::pair{log_input, 0.0});
    auto left = right;
    while (static_cast<std::size_t>(right - left) < std::min(count, by_input_.size())) {
        const bool take_right = left == by_input_.begin() ||
                                (right != by_input_.end() &&
                                 right->first - log_input <= log_input - std::prev(left)->first);
        if (take_right) {
            ++right;
        } else {
            --left;
        }
    }
    return {left, right};
}

/// A line may leave the range of what was seen, but not by orders of magnitude.
double GroupModels::within_reason(double prediction) const {
    return std::clamp(prediction, 0.5 * smallest_, 8 * largest_);
}

Predictions GroupModels::predict(const TaskFacts& facts) const {
    Predictions at;
    at.fill(largest_);
    const auto set = [&](Model model, double value) {
        at[static_cast<std::size_t>(model)] = within_reason(value);
    };
    set(Model::recent_largest, *std::max_element(recent_.begin(), recent_.end()));
    set(Model::mean, std::exp(log_mean_));
    if (tasks_ >= 2) {
        const double deviation = std::sqrt(log_squares_ / (tasks_ - 1));
        set(Model::lognormal_limit, std::exp(log_all_mean_ + limit_factor(tasks_) * deviation));
    }
    if (has_request(facts) && shares_ > 0) {
        set(Model::share_of_request, bytes_of(facts.requested) * std::exp(share_mean_ / shares_));
    }
    if (!has_input(facts) || by_input_.empty()) return at;
    const double input = bytes_of(facts.input);
    const auto near = nearest(log_input(input), kNear);
    set(Model::nearest, largest_peak(nearest(log_input(input), 3)));
    set(Model::nearest_wide, largest_peak(near));
    if (!line_.known()) return at;
    const LocalLine local = local_line(near, log_input(input));
    set(Model::local, std::exp(std::min(local.value, 100.0)));
    set(Model::local_limit, std::exp(std::min(local.value + local.largest_residual, 100.0)));
    set(Model::line, line_.at(input));
    set(Model::line_limit, line_.at(input) + line_excess_);
    set(Model::recent_line, recent_line_.at(input));
    const double log_power = power_.at(log_input(input));
    const double power_deviation = std::sqrt(power_squares_ / std::max(1.0, power_residuals_));
    set(Model::power, std::exp(std::min(log_power, 100.0)));
    set(Model::power_limit, std::exp(std::min(log_power + 2 * power_deviation, 100.0)));
    return at;
}

void GroupModels::add(const TaskFacts& facts, Bytes peak_bytes) {
    const double peak = std::max(1.0, static_cast<double>(peak_bytes.value));
    const double log_peak = std::log(peak);
    ++tasks_;
    smallest_ = tasks_ == 1 ? peak : std::min(smallest_, peak);
    largest_ = std::max(largest_, peak);
    mean_ += (peak - mean_) / tasks_;
    recent_.push_back(peak);
    if (recent_.size() > kRecent) recent_.pop_front();
    log_weight_ = kKeep * log_weight_ + 1;
    log_mean_ += (log_peak - log_mean_) / log_weight_;
    const double from_mean = log_peak - log_all_mean_;
    log_all_mean_ += from_mean / tasks_;
    log_squares_ += from_mean * (log_peak - log_all_mean_);
    if (has_request(facts)) {
        share_mean_ += log_peak - std::log(bytes_of(facts.requested));
        ++shares_;
    }
    if (!has_input(facts)) return;

    const double input = bytes_of(facts.input);
    if (line_.known()) {
        line_excess_ = std::max(line_excess_, peak - line_.at(input));
        const double residual = log_peak - power_.at(log_input(input));
        power_squares_ += residual * residual;
        ++power_residuals_;
    }
    line_.add(input, peak);
    recent_line_.add(input, peak);
    power_.add(log_input(input), log_peak);
    const std::pair pair{log_input(input), peak};
    if (by_input_.size() < kMostKept) {
        by_input_.insert(std::upper_bound(by_input_.begin(), by_input_.end(), pair), pair);
    } else {
        auto near = std::lower_bound(by_input_.begin(), by_input_.end(), pair);
        if (near == by_input_.end()) --near;
        near->second = peak;
    }
}

}  // namespace amorsize
