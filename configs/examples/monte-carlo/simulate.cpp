// Estimates pi from random points in the unit square: one item of the Monte Carlo example.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

namespace {

std::int64_t points_in_circle(std::uint64_t seed, std::int64_t points) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    std::int64_t inside = 0;
    for (std::int64_t i = 0; i < points; ++i) {
        const double x = unit(engine);
        const double y = unit(engine);
        if (x * x + y * y < 1.0) ++inside;
    }
    return inside;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--seed") {
        std::cerr << "usage: simulate --seed N\n";
        return 2;
    }
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    constexpr std::int64_t points = 10'000'000;
    const auto inside = static_cast<double>(points_in_circle(seed, points));
    std::cout << seed << ' ' << 4.0 * inside / static_cast<double>(points) << '\n';
}
