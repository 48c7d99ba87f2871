#include "mpi/run/work_list.hpp"

#include <algorithm>
#include <random>

#include "mpi/run/journal.hpp"
#include "mpi/run/known_sizes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize;
using namespace amorsize::run;

TEST_CASE("what other ranks are told of earlier runs arrives whole") {
    ItemSet settled(100);
    settled.insert(99);
    const Resumption sent{3, 60, 1, 0, settled, {1.5, 2.5}};
    const Resumption got = decode_resumption(encode(sent), 100);
    CHECK(got.epoch == 3);
    CHECK(got.items == 60);
    CHECK(got.done_before == 1);
    CHECK(got.settled.count() == 1);
    CHECK(got.settled.contains(99));
    CHECK(got.sizes == std::vector<float>{1.5, 2.5});
}

TEST_CASE("without sizes the work list is what is missing, in order") {
    ItemSet settled(5);
    settled.insert(1);
    const WorkList list({1, 5, 1, 0, settled, {}});
    CHECK(list.units() == 4);
    CHECK(list.item(1) == 2);
    CHECK(list.places({1, 3}) == ItemSpan{1, 3});
}

TEST_CASE("with sizes the largest missing item comes first and chunks are of equal work") {
    ItemSet settled(6);
    settled.insert(2);
    const WorkList list({1, 6, 1, 0, settled, {1, 10, 99, 1, 2, 1}});
    CHECK(list.items() == 5);
    CHECK(list.item(0) == 1);
    CHECK(list.item(1) == 4);
    CHECK(list.places({0, 1}) == ItemSpan{0, 1});
    // The item of 10 is ten times as many units as one of 1.
    const std::int64_t large = 10 * SizeOrder::kUnitsOfMeanItem / 3;
    CHECK(list.places({1, large}).empty());
}

TEST_CASE("any cut of the units covers every place once") {
    std::mt19937 random(11);
    for (int round = 0; round < 100; ++round) {
        std::vector<float> sizes(1 + random() % 50);
        for (float& size : sizes)
            size = random() % 4 == 0 ? 0 : static_cast<float>(random() % 1000);
        const SizeOrder order(sizes);
        std::vector<int> seen(sizes.size());
        for (std::int64_t unit = 0; unit < order.units();) {
            const std::int64_t end =
                std::min(order.units(), unit + 1 + static_cast<std::int64_t>(random() % 20));
            const ItemSpan places = order.places({unit, end});
            for (std::int64_t place = places.begin; place < places.end; ++place) {
                ++seen[static_cast<std::size_t>(order.position(place))];
            }
            unit = end;
        }
        REQUIRE(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
    }
}

TEST_CASE("the times of an earlier run are known once every item was done") {
    const TemporaryFolder folder;
    const RunFolder run(folder.file("a.plan.yaml"));
    run.create();
    JournalWriter journal(run.files_of(1, 0).journal, {1, 0, 1, {}});
    ItemRecord record;
    record.item = 1;
    record.seconds = 4;
    journal.append(record);
    journal.commit();
    CHECK_FALSE(seconds_of_earlier_runs(run, 2));
    record.item = 0;
    record.seconds = 2;
    journal.append(record);
    journal.commit();
    CHECK(seconds_of_earlier_runs(run, 2) == std::vector<float>{2, 4});
}

TEST_CASE("an order is worth it where one item is a good part of a worker's share") {
    CHECK(worth_ordering({1, 1, 1, 50}, 2));
    CHECK(worth_ordering(std::vector<float>(100, 1.0F), 4));
    CHECK_FALSE(worth_ordering(std::vector<float>(1000, 1.0F), 4));
    CHECK_FALSE(worth_ordering({}, 4));
}
