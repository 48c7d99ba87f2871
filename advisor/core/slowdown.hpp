#pragma once

#include <array>

namespace amorsize {

/// How much longer an item takes than the observed one did alone, by the share of the workers that
/// are at work: contention over the node, divided by the node's speed. Once the list is empty
/// workers end one after another, and those left have more of what all share.
class Slowdown {
public:
    static constexpr int kSteps = 8;

    Slowdown() : Slowdown(1) {}
    explicit Slowdown(double whoever_works) : mean_(1) { factors_.fill(whoever_works); }
    /// By steps of 1 / kSteps of the workers, from one of them to all.
    explicit Slowdown(const std::array<double, kSteps + 1>& factors)
        : factors_(factors), mean_(down_from(1)) {}

    double of_all() const { return factors_.back(); }
    double of_one() const { return factors_.front(); }
    bool changes() const { return of_one() != of_all(); }

    /// With a share of the workers at work, over that with all; between the steps in proportion.
    double with(double share) const;
    /// The mean of it while that share becomes none.
    double down_from(double share) const;
    double down_from_all() const { return mean_; }

private:
    std::array<double, kSteps + 1> factors_;
    double mean_;  ///< down_from(1), which every estimate asks for
};

}  // namespace amorsize
