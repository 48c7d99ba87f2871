#include "advisor/core/chunking.hpp"

#include <random>

#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

std::vector<std::int64_t> sizes(const ChunkSequence& chunks) {
    std::vector<std::int64_t> result;
    for (std::int64_t i = 0; i < chunks.count(); ++i) result.push_back(chunks[i].size());
    return result;
}

using Sizes = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("chunks lie end to end and cover every item once") {
    std::mt19937_64 random(7);
    const auto policy = GENERATE(Schedule::fixed, Schedule::guided, Schedule::factoring,
                                 Schedule::weighted_factoring);
    for (int round = 0; round < 300; ++round) {
        const auto items = static_cast<std::int64_t>(random() % 5000);
        const auto workers = static_cast<std::int64_t>(1 + random() % 300);
        const auto largest = static_cast<std::int64_t>(1 + random() % 400);
        const ChunkSequence chunks(policy, items, workers, largest);
        INFO("items " << items << " workers " << workers << " largest " << largest);
        std::int64_t next = 0;
        std::int64_t over = 0;
        for (std::int64_t i = 0; i < chunks.count(); ++i) {
            const ItemSpan span = chunks[i];
            if (span.begin != next || span.end < span.begin || span.size() > largest) ++over;
            next = span.end;
        }
        REQUIRE(over == 0);
        REQUIRE(next == items);
        REQUIRE(chunks[chunks.count()].empty());
    }
}

TEST_CASE("fixed chunks are all of the largest size but the last") {
    CHECK(sizes({Schedule::fixed, 10, 4, 4}) == Sizes{4, 4, 2});
}

TEST_CASE("guided chunks are a worker's share of what is left") {
    CHECK(sizes({Schedule::guided, 20, 4, 100}) == Sizes{5, 4, 3, 2, 2, 1, 1, 1, 1});
    CHECK(sizes({Schedule::guided, 20, 4, 3}) == Sizes{3, 3, 3, 3, 2, 2, 1, 1, 1, 1});
}

TEST_CASE("factoring halves what is left in rounds of one chunk a worker") {
    CHECK(sizes({Schedule::factoring, 32, 2, 100}) == Sizes{8, 8, 4, 4, 2, 2, 1, 1, 1, 1});
}

TEST_CASE(
    "the largest chunk caps the first rounds of factoring as if each were computed by itself") {
    std::mt19937_64 random(3);
    for (int round = 0; round < 300; ++round) {
        const auto items = static_cast<std::int64_t>(1 + random() % 4000);
        const auto workers = static_cast<std::int64_t>(1 + random() % 40);
        const auto largest = static_cast<std::int64_t>(1 + random() % 50);
        Sizes expected;
        std::int64_t left = items;
        while (left > 0) {
            const std::int64_t chunk = std::min(largest, (left + 2 * workers - 1) / (2 * workers));
            for (std::int64_t i = 0; i < workers && left > 0; ++i) {
                expected.push_back(std::min(chunk, left));
                left -= expected.back();
            }
        }
        INFO("items " << items << " workers " << workers << " largest " << largest);
        REQUIRE(sizes({Schedule::factoring, items, workers, largest}) == expected);
    }
}

TEST_CASE("a faster worker draws a larger share of a weighted sequence") {
    const ChunkSequence chunks(Schedule::weighted_factoring, 100000, 4, 100000);
    const ItemSpan fast = chunks.draw(0, chunks.numbers_per_draw(1.5));
    const ItemSpan slow = chunks.draw(0, chunks.numbers_per_draw(0.5));
    CHECK(chunks.draw(0, chunks.numbers_per_draw(1.0)).size() == 12500);
    CHECK(fast.size() == 3 * slow.size());
    CHECK(chunks.numbers_per_draw(0.0) == 1);
    CHECK(ChunkSequence(Schedule::factoring, 100, 4, 10).numbers_per_draw(2.0) == 1);
}

TEST_CASE("draws of any width share a weighted sequence out completely") {
    const ChunkSequence chunks(Schedule::weighted_factoring, 12345, 16, 200);
    std::int64_t next = 0;
    std::int64_t number = 0;
    for (int turn = 0; number < chunks.count(); ++turn) {
        const std::int64_t numbers = chunks.numbers_per_draw(turn % 3 == 0 ? 1.7 : 0.6);
        const ItemSpan span = chunks.draw(number, numbers);
        REQUIRE(span.begin == next);
        next = span.end;
        number += numbers;
    }
    CHECK(next == 12345);
}

TEST_CASE("a sequence over very many items is small and quick") {
    const std::int64_t items = 4'000'000'000'000;
    const ChunkSequence chunks(Schedule::factoring, items, 4096, 1000);
    CHECK(chunks.count() > items / 1000);
    CHECK(chunks[chunks.count() - 1].end == items);
    CHECK(chunks[chunks.count() / 2].size() == 1000);
}
