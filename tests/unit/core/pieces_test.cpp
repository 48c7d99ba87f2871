#include "advisor/core/pieces.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

constexpr Seconds kMinute{60};
constexpr Seconds kHour{3600};

}  // namespace

TEST_CASE("pieces hold the work, with one to spare") {
    const auto pieces = split_into_pieces(3.5 * kHour, {2}, {1}, kHour, 1000);
    REQUIRE(pieces);
    CHECK(pieces->most == 5);
    CHECK(pieces->stop_after == kHour - Seconds{30});
    CHECK(pieces->grace == Seconds{20});
}

TEST_CASE("long items end before their piece does") {
    const auto pieces = split_into_pieces(10 * kHour, {2}, 5 * kMinute, kHour, 1000);
    REQUIRE(pieces);
    CHECK(kHour - pieces->stop_after == 5 * kMinute + Seconds{10});
    CHECK(pieces->most * (pieces->stop_after - Seconds{2}) >= 10 * kHour);
}

TEST_CASE("stopping early takes a quarter of a short limit at most") {
    const auto pieces = split_into_pieces(5 * kMinute, {1}, {2}, kMinute, 1000);
    REQUIRE(pieces);
    CHECK(pieces->stop_after == Seconds{45});
    CHECK(pieces->most == 8);
}

TEST_CASE("what no piece can hold, or an array cannot, is not split") {
    CHECK_FALSE(split_into_pieces(kHour, {50}, {1}, kMinute, 1000));
    CHECK_FALSE(split_into_pieces(kHour, {1}, {50}, kMinute, 1000));
    CHECK_FALSE(split_into_pieces(2000 * kHour, {1}, {1}, kHour, 1000));
}

TEST_CASE("the pieces cover the work whatever the figures") {
    for (const double work : {100.0, 3000.0, 86400.0, 1e6}) {
        for (const double limit : {60.0, 600.0, 3600.0, 86400.0}) {
            for (const double longest : {0.1, 10.0, 200.0}) {
                const auto pieces = split_into_pieces({work}, {3}, {longest}, {limit}, 1'000'000);
                if (!pieces) continue;
                CAPTURE(work, limit, longest);
                CHECK((pieces->most - 1) * (pieces->stop_after.value - 3) >= work * 0.999);
                CHECK(pieces->grace < Seconds{limit} - pieces->stop_after);
            }
        }
    }
}
