#include "advisor/io/quantity_text.hpp"

#include <cmath>
#include <random>

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("sizes are binary and need a unit") {
    CHECK(parse_size("500MiB").value == Bytes{500 * kMiB.value});
    CHECK(parse_size("40GB").value == Bytes{40 * kGiB.value});
    CHECK(parse_size("40G").value == parse_size("40 GiB").value);
    CHECK(parse_size("1.5TiB").value == Bytes{3 * kTiB.value / 2});
    CHECK(parse_size("123B").value == Bytes{123});
    CHECK(parse_size("0.1B").value == Bytes{1});
    for (const char* wrong : {"", "500", "-1GiB", "1e30GiB", "5000000TiB", "GiB", "1Gib/s", "1 XB",
                              "nan", "inf", "0x1p3M"}) {
        INFO(wrong);
        CHECK_FALSE(parse_size(wrong));
    }
}

TEST_CASE("durations are numbers with units, or Slurm's clock") {
    CHECK(parse_duration("50us").value == Seconds{50e-6});
    CHECK(parse_duration("50\xC2\xB5s").value == Seconds{50e-6});
    CHECK(parse_duration("5ms").value == Seconds{5e-3});
    CHECK(parse_duration("0.4s").value == Seconds{0.4});
    CHECK(parse_duration("2h").value == Seconds{7200});
    CHECK(parse_duration("1d12h").value == Seconds{129600});
    CHECK(parse_duration("2h 30min").value == Seconds{9000});
    CHECK(parse_duration("1:30:00").value == Seconds{5400});
    CHECK(parse_duration("100:00:00").value == Seconds{360000});
    CHECK(parse_duration("2-12:00:30").value == Seconds{216030});
    CHECK(parse_duration("2-12").value == Seconds{216000});
    for (const char* wrong :
         {"", "60", "-5s", "1:30", "1:99:00", "1-24:00:00", "5 parsecs", "unlimited", "1d12", "s",
          "1:2:3:4", "1e400s", "400000000d", "1-", ":::", "1.2.3s", "999999999999999:00:00"}) {
        INFO(wrong);
        CHECK_FALSE(parse_duration(wrong));
    }
}

TEST_CASE("rates are sizes a second") {
    CHECK(parse_rate("11GB/s").value == BytesPerSecond{11e9});
    CHECK(parse_rate("11 G/s").value == BytesPerSecond{11e9});
    CHECK(parse_rate("11GiB/s").value == BytesPerSecond{11.0 * 0x1p30});
    CHECK_FALSE(parse_rate("11GB"));
    CHECK_FALSE(parse_rate("11/s"));
}

TEST_CASE("integers refuse what readers disagree about and say what to write") {
    CHECK(parse_integer("-42").value == -42);
    CHECK(parse_integer("9223372036854775807").value == 9223372036854775807);
    CHECK(parse_integer("010").hint ==
          "some YAML readers take it for octal: write 10 if you mean the decimal number");
    CHECK(parse_integer("1e3").hint == "write 1000");
    CHECK(parse_integer("1_000").hint == "write 1000");
    CHECK(parse_integer("9223372036854775808").message == "is too large a number");
    for (const char* wrong : {"", "-", "0x10", "0o17", "1.5", "+5", "1:30", "ten"}) {
        INFO(wrong);
        CHECK_FALSE(parse_integer(wrong));
    }
}

TEST_CASE("every size, duration and rate reads back from its own text") {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> exponent(-9, 9);
    for (int i = 0; i < 20'000; ++i) {
        const Bytes size{static_cast<std::int64_t>(random() >> (2 + random() % 60))};
        if (size.value < (std::int64_t{1} << 53)) {
            INFO(size_text(size));
            CHECK(parse_size(size_text(size)).value == size);
        }
        const Seconds time{std::pow(10, exponent(random))};
        INFO(duration_text(time));
        CHECK(parse_duration(duration_text(time)).value == time);
        const BytesPerSecond rate{std::pow(10, exponent(random) + 3)};
        CHECK(parse_rate(rate_text(rate)).value == rate);
    }
    CHECK(duration_text(Seconds{50e-6}) == "50us");
    CHECK(duration_text(Seconds{0.4}) == "400ms");
    CHECK(duration_text(Seconds{7200}) == "7200s");
    CHECK(size_text(Bytes{500 * kMiB.value}) == "500MiB");
}
