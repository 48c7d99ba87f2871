#include "mpi/run/task_queue.hpp"

#include "mpi/run/chunk_source.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::run;

namespace {

std::vector<std::int64_t> numbers(const std::vector<Task>& tasks) {
    std::vector<std::int64_t> result;
    result.reserve(tasks.size());
    for (const Task& task : tasks) result.push_back(task.item);
    return result;
}

using Numbers = std::vector<std::int64_t>;

TaskQueue queue_over_odd_items() {
    return TaskQueue([](std::int64_t position) { return 2 * position + 1; });
}

}  // namespace

TEST_CASE("a take never spans two chunks") {
    TaskQueue queue = queue_over_odd_items();
    queue.add_chunk({0, 3});
    queue.add_chunk({5, 6});
    queue.add_chunk({7, 7});
    const auto now = SteadyClock::now();
    CHECK(queue.ready(now) == 4);
    CHECK(numbers(queue.take(2, now)) == Numbers{1, 3});
    CHECK(numbers(queue.take(9, now)) == Numbers{5});
    CHECK(numbers(queue.take(9, now)) == Numbers{11});
    CHECK(queue.take(9, now).empty());
    CHECK(queue.empty());
}

TEST_CASE("a retry waits until it is due and then goes first, by itself") {
    TaskQueue queue = queue_over_odd_items();
    const auto now = SteadyClock::now();
    queue.add_chunk({0, 2});
    queue.add_retry({40, 2, 1}, now + std::chrono::seconds(1));
    queue.add_retry({30, 2, 1}, now);
    CHECK(numbers(queue.take(9, now)) == Numbers{30});
    CHECK(numbers(queue.take(9, now)) == Numbers{1, 3});
    CHECK(queue.ready(now) == 0);
    CHECK_FALSE(queue.empty());
    REQUIRE(queue.next_due());
    CHECK(numbers(queue.take(9, *queue.next_due())) == Numbers{40});
}

TEST_CASE("what could not be started comes back in front, in its order") {
    TaskQueue queue = queue_over_odd_items();
    const auto now = SteadyClock::now();
    queue.add_chunk({0, 4});
    const auto tasks = queue.take(2, now);
    queue.put_back(tasks);
    CHECK(queue.ready(now) == 4);
    CHECK(numbers(queue.take(9, now)) == Numbers{1, 3});
}

TEST_CASE("a source hands out every chunk once and then is exhausted") {
    const ChunkSequence chunks(Schedule::factoring, 100, 4, 10);
    const auto team = make_team_of_one();
    ChunkSource source(chunks, team->counter(), 1);
    std::int64_t items = 0;
    while (!source.exhausted()) {
        source.ask();
        if (const auto span = source.take()) items += span->size();
    }
    CHECK(items == 100);
    CHECK(source.drawn() == chunks.count());
}

TEST_CASE("a closed source leaves nothing for others") {
    const ChunkSequence chunks(Schedule::factoring, 100, 4, 10);
    const auto team = make_team_of_one();
    ChunkSource closing(chunks, team->counter(), 1);
    ChunkSource other(chunks, team->counter(), 1);
    closing.ask();
    closing.close();
    while (!closing.exhausted()) CHECK_FALSE(closing.take());
    other.ask();
    CHECK_FALSE(other.take());
    CHECK(other.exhausted());
}

TEST_CASE("a source over no items is exhausted from the start") {
    const ChunkSequence chunks(Schedule::fixed, 0, 4, 10);
    const auto team = make_team_of_one();
    CHECK(ChunkSource(chunks, team->counter(), 1).exhausted());
}
