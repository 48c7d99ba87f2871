#include "advisor/measure/warm_up.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

namespace {

/// An item that computes for as long as it does not wait and is not in the kernel.
ItemRun run_of(double seconds, double system, double waits = 0) {
    ItemRun run;
    run.seconds = {seconds};
    run.system = {system};
    run.user = {seconds - system - waits};
    run.peak_memory = kGiB;
    run.io = ReadWritten{kMiB, kMiB};
    return run;
}

ItemRun usual() {
    return run_of(0.13, 0.1);
}

}  // namespace

TEST_CASE("a first item that fills memory the machine had not handed out is slowed") {
    const ItemRun first = run_of(3.2, 3.1);
    CHECK(slowed_as_first(first, {usual()}));
    CHECK(slowed_as_first(first, {usual(), run_of(0.14, 0.11)}));
    CHECK_FALSE(slowed_as_first(first, {}));
    CHECK_FALSE(slowed_as_first(first, {usual(), first}));
    CHECK_FALSE(slowed_as_first(usual(), {first}));
}

TEST_CASE("a first item that does more is not slowed") {
    CHECK_FALSE(slowed_as_first(run_of(3.2, 0.1), {usual()}));  // computes
    ItemRun first = run_of(3.2, 3.1);
    first.peak_memory = kGiB * 2;
    CHECK_FALSE(slowed_as_first(first, {usual()}));
    first = run_of(3.2, 3.1);
    first.io = ReadWritten{kMiB, kMiB * 9};
    CHECK_FALSE(slowed_as_first(first, {usual()}));
}

TEST_CASE("a first item that waited for the disk is slowed, where two others did not") {
    ItemRun first = run_of(1, 0.1, 0.87);
    CHECK_FALSE(slowed_as_first(first, {usual(), usual()}));  // waits for something else
    first.read_from_disk = true;
    CHECK(slowed_as_first(first, {usual(), usual()}));
    CHECK_FALSE(slowed_as_first(first, {usual()}));
}

TEST_CASE("a first item that queued for a core is not slowed by being the first") {
    ItemRun first = run_of(1, 0.1, 0.87);
    first.read_from_disk = true;
    first.queued = {0.87};
    CHECK_FALSE(slowed_as_first(first, {usual(), usual()}));
}
