#include "advisor/cli/plot/advice_plot.hpp"
#include "advisor/cli/surroundings.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::cli;

namespace {

CurvePoint point(int workers, double speedup, double speedup_p95) {
    CurvePoint one;
    one.workers = workers;
    one.speedup = speedup;
    one.speedup_p95 = speedup_p95;
    one.wall = {Seconds{100 / speedup}, Seconds{100 / speedup_p95}};
    return one;
}

Surroundings with_locale(std::map<std::string, std::string> environment) {
    Surroundings surroundings;
    surroundings.environment = std::move(environment);
    return surroundings;
}

}  // namespace

TEST_CASE("A bar is full up to what 19 of 20 runs reach, and marks the ideal beyond it") {
    Plan plan;
    plan.layout.workers = 2;
    const std::string drawn = plot::curve_plot({point(1, 1, 1), point(2, 2, 1), point(4, 3, 2)},
                                               plan, false, plot::glyphs(false));
    CHECK(drawn ==
          "speed-up over the workers of one node\n"
          "  workers       expected  speed-up\n"
          "        1     1 min 40 s       1 x  ############\n"
          "        2           50 s       2 x  ############============ < plan\n"
          "        4         33.3 s       3 x  ########################============\n"
          "                                    # 19 of 20 runs  = expected  | perfect\n");
}

TEST_CASE("A long curve is thinned, the plan stays on it") {
    std::vector<CurvePoint> curve;
    for (int workers = 1; workers <= 200; ++workers) curve.push_back(point(workers, workers, 1));
    Plan plan;
    plan.layout.workers = 77;
    const std::string drawn = plot::curve_plot(curve, plan, false, plot::glyphs(false));
    CHECK(std::count(drawn.begin(), drawn.end(), '\n') <= 18);
    CHECK(drawn.find("       77 ") != std::string::npos);
    CHECK(drawn.find("      200 ") != std::string::npos);
}

TEST_CASE("A thousand samples take no more room than a few") {
    JobProfile profile;
    profile.samples.resize(1000);
    for (std::size_t i = 0; i < profile.samples.size(); ++i) {
        profile.samples[i].seconds = Seconds{1 + static_cast<double>(i) / 1000};
        profile.samples[i].concurrency = i % 4 == 0 ? 2 : 1;
    }
    const std::string drawn = plot::samples_plot(profile, plot::glyphs(false));
    CHECK(std::count(drawn.begin(), drawn.end(), '\n') == 10);
    CHECK(drawn.find("750 alone, 250 side by side") != std::string::npos);
    CHECK(drawn.find(" 125\n") != std::string::npos);
}

TEST_CASE("Samples of one time, even of none, have a scale") {
    JobProfile profile;
    profile.samples.resize(2);
    CHECK(plot::samples_plot(profile, plot::glyphs(false)).find("## 2") != std::string::npos);
}

TEST_CASE("Nothing is drawn of what is not known") {
    CHECK(plot::advice_plot({}, {}, {}, {}, plot::glyphs(true)).empty());
}

TEST_CASE("Blocks are for locales that write UTF-8; the first variable that is set decides") {
    CHECK(with_locale({{"LANG", "de_DE.UTF-8"}}).writes_utf8());
    CHECK(with_locale({{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}}).writes_utf8());
    CHECK_FALSE(with_locale({{"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}).writes_utf8());
    CHECK(with_locale({{"LC_ALL", ""}, {"LANG", "C.UTF-8"}}).writes_utf8());
    CHECK_FALSE(with_locale({{"LANG", "de_DE@euro"}}).writes_utf8());
    CHECK_FALSE(with_locale({}).writes_utf8());
}
