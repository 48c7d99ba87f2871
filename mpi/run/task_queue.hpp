#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "advisor/core/chunking.hpp"
#include "mpi/run/clock.hpp"
#include "mpi/run/workers.hpp"

namespace amorsize::run {

/// What a rank has drawn and not yet handed to a worker: chunks, items to try again after a pause,
/// and items that must run alone because they were killed for memory.
class TaskQueue {
public:
    /// `item_at`: the item at a position of the list that is shared out.
    explicit TaskQueue(std::function<std::int64_t(std::int64_t)> item_at)
        : item_at_(std::move(item_at)) {}

    void add_chunk(ItemSpan span);
    /// In front of everything else: what was taken and could not be started.
    void put_back(const std::vector<Task>& tasks);
    void add_retry(const Task& task, SteadyClock::time_point not_before);
    void add_alone(const Task& task) { alone_.push_back(task); }

    /// Up to `most` tasks, and never from two chunks at once.
    std::vector<Task> take(std::int64_t most, SteadyClock::time_point now);
    std::optional<Task> take_alone();

    /// Items of chunks, and of retries that are due.
    std::int64_t ready(SteadyClock::time_point now) const;
    bool any_alone() const { return !alone_.empty(); }
    bool empty() const {
        return spans_.empty() && retries_.empty() && alone_.empty() && back_.empty();
    }
    /// When the next retry is due.
    std::optional<SteadyClock::time_point> next_due() const;

private:
    struct Retry {
        SteadyClock::time_point due;
        Task task;
        friend bool operator>(const Retry& a, const Retry& b) { return a.due > b.due; }
    };

    std::function<std::int64_t(std::int64_t)> item_at_;
    std::deque<ItemSpan> spans_;
    std::int64_t in_spans_ = 0;
    std::deque<Task> back_;
    std::deque<Task> alone_;
    std::priority_queue<Retry, std::vector<Retry>, std::greater<>> retries_;
};

}  // namespace amorsize::run
