#include "advisor/core/tolerance.hpp"
#include "advisor/core/statistics.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("the normal quantile is the published one") {
    CHECK(normal_quantile(0.95) == Approx(1.6448536).epsilon(1e-7));
    CHECK(normal_quantile(0.5) == Approx(0).margin(1e-9));
}

TEST_CASE("Student's t quantiles are the published ones") {
    CHECK(noncentral_t_quantile(0.95, 1, 0) == Approx(6.313752).epsilon(1e-5));
    CHECK(noncentral_t_quantile(0.95, 4, 0) == Approx(2.131847).epsilon(1e-6));
    CHECK(noncentral_t_quantile(0.975, 30, 0) == Approx(2.042272).epsilon(1e-6));
}

TEST_CASE("one-sided tolerance factors are those of the published tables") {
    // Hahn and Meeker, table A.12d: coverage 0.95, confidence 0.95.
    CHECK(tolerance_factor(2, {0.95}, {0.95}) == Approx(26.260).epsilon(1e-3));
    CHECK(tolerance_factor(3, {0.95}, {0.95}) == Approx(7.656).epsilon(1e-4));
    CHECK(tolerance_factor(5, {0.95}, {0.95}) == Approx(4.203).epsilon(1e-4));
    CHECK(tolerance_factor(10, {0.95}, {0.95}) == Approx(2.911).epsilon(1e-3));
    CHECK(tolerance_factor(30, {0.95}, {0.95}) == Approx(2.220).epsilon(1e-3));
    CHECK(tolerance_factor(43, {0.90}, {0.99}) == Approx(1.8740).epsilon(1e-4));  // NIST 7.2.6.3
}

TEST_CASE("the largest of 59 covers 95 % with confidence 95 %, of 58 not") {
    CHECK(samples_to_cover({0.95}, {0.95}) == 59);
    CHECK(samples_to_cover({0.90}, {0.90}) == 22);
    CHECK(covering_rank(58, {0.95}, {0.95}) == 59);
    CHECK(covering_rank(59, {0.95}, {0.95}) == 59);
    CHECK(covering_rank(93, {0.95}, {0.95}) == 92);  // the published size for the second largest
    CHECK(covering_rank(92, {0.95}, {0.95}) == 92);
    CHECK(covering_rank(0, {0.95}, {0.95}) == 1);
    CHECK(confidence_of_largest(5, {0.95}).value == Approx(0.2262).epsilon(1e-3));
}

TEST_CASE("Kendall's tau has exact chances for few pairs") {
    const std::vector<double> rising{1, 2, 3, 4};
    const std::vector<double> falling{4, 3, 2, 1};
    CHECK(kendall(rising, rising).tau == Approx(1));
    CHECK(kendall(rising, rising).p_value == Approx(1.0 / 24));
    CHECK(kendall(rising, falling).p_value == Approx(1));
    CHECK(kendall(rising, std::vector<double>{5, 5, 5, 5}).p_value == 1);
    CHECK(kendall({}, {}).p_value == 1);
}

TEST_CASE("Kendall's tau allows for ties") {
    const std::vector<double> x{1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9, 9, 10};
    const std::vector<double> y{1, 3, 2, 3, 5, 4, 6, 6, 7, 9, 8, 10, 11};
    const Concordance both = kendall(x, y);
    CHECK(both.tau > 0.85);
    CHECK(both.tau < 1);
    CHECK(both.p_value < 1e-4);
}
