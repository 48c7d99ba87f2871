#include "advisor/core/advise.hpp"
#include "advisor/core/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

using namespace amorsize;

namespace {

struct Started {
    Advice advice;
    double work = 0;   // seconds, all items
    double start = 0;  // seconds, of one worker or chunk
    std::int64_t items = 0;
};

Started advise_started(Mode mode, std::int64_t items, double seconds, double start, int cores) {
    Manifest manifest = synthetic::job(items, Seconds{seconds});
    manifest.mode = mode;
    manifest.profile = {};
    JobProfile profile = synthetic::known(items);
    for (int i = 0; i < 8; ++i) {
        profile.samples.push_back({Seconds{seconds}, {}, {}, {}, {}, {}, 1, {}, 0});
    }
    profile.worker_start = Seconds{start};
    const auto node = synthetic::node_class("a", {1, 1, cores, 1}, kGiB * 64);
    return {advise(manifest, synthetic::cluster(node, 1, false), profile),
            seconds * static_cast<double>(items), start, items};
}

}  // namespace

TEST_CASE("one worker starts up once, whatever the mode, and says how long that takes") {
    Random random(11);
    int serial = 0;
    for (int i = 0; i < 300; ++i) {
        const Mode mode = i % 2 == 0 ? Mode::batch : Mode::stream;
        const auto items = static_cast<std::int64_t>(1 + random.below(200));
        const Started one =
            advise_started(mode, items, 1e-3 + 0.05 * random.uniform(), 0.1 + 5 * random.uniform(),
                           1 + static_cast<int>(random.below(3)));
        if (one.advice.verdict != Verdict::serial) continue;
        ++serial;
        const Prediction& predicted = one.advice.plan->predicted;
        CAPTURE(i, items, one.start, one.work);
        CHECK(std::abs(predicted.serial.value - one.start - one.work) < 0.01 * one.start);
        CHECK(std::abs(predicted.wall.p50.value - one.start - one.work) < 0.05 + 0.05 * one.start);
        if (mode == Mode::batch) CHECK(one.advice.plan->layout.chunk == items);
    }
    CHECK(serial > 100);
}

TEST_CASE("a start-up that one worker pays too speaks against no others") {
    Random random(12);
    for (int i = 0; i < 200; ++i) {
        const double start = 0.5 + 20 * random.uniform();
        const double seconds = 0.3 + random.uniform();
        const auto items = static_cast<std::int64_t>(8 + random.below(50));
        CAPTURE(i, start, seconds, items);
        const double saved = seconds * static_cast<double>(items) / 2;  // at least, on four cores
        const bool worth = saved > 0.07 * (start + seconds * static_cast<double>(items)) + 0.1;
        const Started one = advise_started(Mode::stream, items, seconds, start, 4);
        if (worth) CHECK(one.advice.verdict == Verdict::parallel);
    }
}
