#include "mpi/probe/launch_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace amorsize::probe {

namespace {

constexpr int kMostFullNodes = 4;
constexpr int kMostRanksPerNode = 64;
constexpr std::size_t kTerms = 3;

using Row = std::array<double, kTerms>;

Row terms_of(LaunchSize size) {
    return {1, std::log2(size.nodes), static_cast<double>(size.ranks)};
}

/// Least squares with the chosen terms by the normal equations; nothing if they are singular.
std::optional<Row> solve(const std::vector<LaunchPoint>& points,
                         const std::array<bool, kTerms>& chosen) {
    std::array<std::array<double, kTerms + 1>, kTerms> system{};
    for (std::size_t i = 0; i < kTerms; ++i) {
        if (!chosen[i]) system[i][i] = 1;
    }
    for (const LaunchPoint& point : points) {
        const Row row = terms_of({point.nodes, point.ranks});
        for (std::size_t i = 0; i < kTerms; ++i) {
            if (!chosen[i]) continue;
            for (std::size_t j = 0; j < kTerms; ++j)
                if (chosen[j]) system[i][j] += row[i] * row[j];
            system[i][kTerms] += row[i] * point.time.value.value;
        }
    }
    for (std::size_t i = 0; i < kTerms; ++i) {
        std::size_t pivot = i;
        for (std::size_t k = i + 1; k < kTerms; ++k)
            if (std::abs(system[k][i]) > std::abs(system[pivot][i])) pivot = k;
        if (std::abs(system[pivot][i]) < 1e-9) return std::nullopt;
        std::swap(system[i], system[pivot]);
        for (std::size_t k = 0; k < kTerms; ++k) {
            if (k == i) continue;
            const double factor = system[k][i] / system[i][i];
            for (std::size_t j = i; j <= kTerms; ++j) system[k][j] -= factor * system[i][j];
        }
    }
    Row solution{};
    for (std::size_t i = 0; i < kTerms; ++i) solution[i] = system[i][kTerms] / system[i][i];
    return solution;
}

double squared_error(const LaunchCost& cost, const std::vector<LaunchPoint>& points) {
    double sum = 0;
    for (const LaunchPoint& point : points) {
        const double error =
            point.time.value.value - launch_time(cost, {point.nodes, point.ranks}).value;
        sum += error * error;
    }
    return sum;
}

}  // namespace

std::vector<LaunchSize> launch_sizes(int nodes, int ranks_per_node) {
    if (nodes < 2) return {};
    const int many = std::clamp(ranks_per_node, 2, kMostRanksPerNode);
    std::set<LaunchSize> sizes;
    for (int count = 1; count < nodes; count *= 2) sizes.insert({count, count});
    sizes.insert({nodes, nodes});
    for (const int count : {1, std::min(nodes, kMostFullNodes)})
        sizes.insert({count, count * many});
    return {sizes.begin(), sizes.end()};
}

Seconds launch_time(const LaunchCost& cost, LaunchSize size) {
    const Row terms = terms_of(size);
    return cost.base + cost.per_log2_node * terms[1] + cost.per_rank * terms[2];
}

Seconds largest_error(const LaunchCost& cost, const std::vector<LaunchPoint>& points) {
    double largest = 0;
    for (const LaunchPoint& point : points) {
        const Seconds fitted = launch_time(cost, {point.nodes, point.ranks});
        largest = std::max(largest, std::abs(fitted.value - point.time.value.value));
    }
    return {largest};
}

std::optional<LaunchCost> fit_launch(const std::vector<LaunchPoint>& points) {
    if (points.size() < kTerms || !solve(points, {true, true, true})) return std::nullopt;
    // With three terms the best fit without negative ones is the best of those that leave terms
    // out.
    std::optional<LaunchCost> best;
    double least = std::numeric_limits<double>::infinity();
    for (unsigned mask = 1; mask < 1U << kTerms; ++mask) {
        const auto solution = solve(points, {(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0});
        if (!solution || *std::min_element(solution->begin(), solution->end()) < 0) continue;
        const LaunchCost cost{{(*solution)[0]}, {(*solution)[1]}, {(*solution)[2]}};
        const double error = squared_error(cost, points);
        if (error >= least) continue;
        least = error;
        best = cost;
    }
    return best;
}

}  // namespace amorsize::probe
