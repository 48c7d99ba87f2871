#include "advisor/core/times_by_input.hpp"

#include <algorithm>
#include <cmath>

#include "advisor/core/statistics.hpp"
#include "advisor/core/tolerance.hpp"

namespace amorsize {

namespace {

constexpr std::size_t kFewest = 5;  // timed, for a line to be more than a guess
constexpr double kSignificance = 0.05;
constexpr double kLeastShare = 0.2;       // of the shortest time, that no size takes less than
constexpr double kWorthwhileShare = 0.8;  // of the scatter, that sizes leave unexplained at most

double bytes_of(Bytes size) {
    return static_cast<double>(size.value);
}

/// The line of least relative errors, kept as sums so that one item can be left out in constant
/// time.
class Line {
public:
    explicit Line(std::span<const SizedTime> timed) {
        const auto shorter = [](const SizedTime& a, const SizedTime& b) {
            return a.seconds < b.seconds;
        };
        least_ = kLeastShare * std::min_element(timed.begin(), timed.end(), shorter)->seconds;
        for (const SizedTime& one : timed) add(one, 1);
        fit();
    }
    Line without(const SizedTime& one) const {
        Line rest = *this;
        rest.add(one, -1);
        rest.fit();
        return rest;
    }
    bool rises() const { return slope_ > 0; }
    double at(Bytes size) const { return base_ + slope_ * bytes_of(size); }

private:
    void add(const SizedTime& one, double times) {
        const double x = bytes_of(one.input);
        const double y = one.seconds;
        const double weight = times / (y * y);
        sum_ += weight;
        sum_x_ += weight * x;
        sum_xx_ += weight * x * x;
        sum_y_ += weight * y;
        sum_xy_ += weight * x * y;
    }
    void fit() {
        const double determinant = sum_ * sum_xx_ - sum_x_ * sum_x_;
        slope_ = determinant > 1e-12 * sum_ * sum_xx_
                     ? (sum_ * sum_xy_ - sum_x_ * sum_y_) / determinant
                     : 0;
        base_ = (sum_y_ - slope_ * sum_x_) / sum_;
        if (base_ >= least_) return;
        base_ = least_;
        slope_ = sum_xx_ > 0 ? (sum_xy_ - base_ * sum_x_) / sum_xx_ : 0;
    }

    double sum_ = 0, sum_x_ = 0, sum_xx_ = 0, sum_y_ = 0, sum_xy_ = 0;
    double least_ = 0;  // of the base
    double base_ = 0, slope_ = 0;
};

bool rise_together(std::span<const SizedTime> timed) {
    std::vector<double> sizes;
    std::vector<double> seconds;
    for (const SizedTime& one : timed) {
        sizes.push_back(bytes_of(one.input));
        seconds.push_back(one.seconds);
    }
    return kendall(sizes, seconds).p_value <= kSignificance;
}

double square(double value) {
    return value * value;
}

/// Time over what the others' line lets expect; nothing where that explains too little.
std::vector<double> ratios_to(const Line& line, std::span<const SizedTime> timed) {
    const auto n = static_cast<double>(timed.size());
    double unexplained = 0;
    std::vector<double> logs;
    std::vector<double> ratios;
    for (const SizedTime& one : timed) {
        const Line others = line.without(one);
        if (!others.rises()) return {};
        ratios.push_back(one.seconds / others.at(one.input));
        unexplained += square(std::log(ratios.back()));
        logs.push_back(std::log(one.seconds));
    }
    // About the mean of the others: an item is n / (n - 1) as far from that as from the mean of
    // all.
    const double scatter = square(standard_deviation(logs) * n / (n - 1)) * (n - 1);
    if (unexplained > kWorthwhileShare * scatter) return {};
    return ratios;
}

}  // namespace

std::optional<TimesByInput> times_by_input(std::span<const SizedTime> timed,
                                           std::span<const Bytes> inputs, Bytes largest) {
    const bool usable = timed.size() >= kFewest && !inputs.empty() &&
                        std::all_of(timed.begin(), timed.end(), [](const SizedTime& one) {
                            return one.seconds > 0 && one.input.value >= 0;
                        });
    if (!usable || !rise_together(timed)) return std::nullopt;
    const Line line(timed);
    if (!line.rises()) return std::nullopt;
    TimesByInput found;
    found.ratios = ratios_to(line, timed);
    if (found.ratios.empty()) return std::nullopt;
    std::sort(found.ratios.begin(), found.ratios.end());
    const double usual = mean(found.ratios);
    for (double& ratio : found.ratios) ratio /= usual;
    for (const Bytes input : inputs) found.expected.push_back(line.at(input) * usual);
    std::sort(found.expected.begin(), found.expected.end());
    const auto smaller = [](const SizedTime& a, const SizedTime& b) { return a.input < b.input; };
    found.largest = largest;
    found.longest = line.at(largest) * usual;
    found.largest_timed = std::max_element(timed.begin(), timed.end(), smaller)->input;
    return found;
}

}  // namespace amorsize
