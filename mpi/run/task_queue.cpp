#include "mpi/run/task_queue.hpp"

#include <algorithm>

namespace amorsize::run {

void TaskQueue::add_chunk(ItemSpan span) {
    if (span.empty()) return;
    spans_.push_back(span);
    in_spans_ += span.size();
}

void TaskQueue::put_back(const std::vector<Task>& tasks) {
    back_.insert(back_.begin(), tasks.begin(), tasks.end());
}

void TaskQueue::add_retry(const Task& task, SteadyClock::time_point not_before) {
    retries_.push({not_before, task});
}

std::vector<Task> TaskQueue::take(std::int64_t most, SteadyClock::time_point now) {
    std::vector<Task> tasks;
    if (!retries_.empty() && retries_.top().due <= now) {
        // One by one: of a group that failed, a single item may be the cause.
        tasks.push_back(retries_.top().task);
        retries_.pop();
        return tasks;
    }
    while (!back_.empty() && std::ssize(tasks) < most) {
        tasks.push_back(back_.front());
        back_.pop_front();
    }
    if (!tasks.empty() || spans_.empty()) return tasks;
    ItemSpan& span = spans_.front();
    const std::int64_t count = std::min(most, span.size());
    for (std::int64_t i = 0; i < count; ++i) tasks.push_back({item_at_(span.begin + i)});
    span.begin += count;
    in_spans_ -= count;
    if (span.empty()) spans_.pop_front();
    return tasks;
}

std::optional<Task> TaskQueue::take_alone() {
    if (alone_.empty()) return std::nullopt;
    const Task task = alone_.front();
    alone_.pop_front();
    return task;
}

std::int64_t TaskQueue::ready(SteadyClock::time_point now) const {
    const bool due = !retries_.empty() && retries_.top().due <= now;
    return in_spans_ + std::ssize(back_) + (due ? 1 : 0);
}

std::optional<SteadyClock::time_point> TaskQueue::next_due() const {
    if (retries_.empty()) return std::nullopt;
    return retries_.top().due;
}

}  // namespace amorsize::run
