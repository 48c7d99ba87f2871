#include <poll.h>

#include <algorithm>
#include <memory>
#include <set>

#include "advisor/measure/item_process.hpp"

namespace amorsize::measure {

namespace {

/// The items of one round and the loop that waits on them.
class Round {
public:
    Round(const SamplingScope& scope, int width, const NextCommand& next, const ItemLimits& limits,
          Clock::time_point deadline)
        : scope_(scope),
          next_(next),
          limits_(limits),
          deadline_(deadline),
          slots_(static_cast<std::size_t>(width)) {}
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;
    ~Round() {
        if (running() > 0) end_the_rest(Ended::with_others);
    }

    std::vector<ItemRun> run() {
        fill_slots();
        while (running() > 0) {
            wait_for_news();
            const auto now = Clock::now();
            collect(now);
            if (failed_) {
                end_the_rest(Ended::with_others);
            } else if (const auto late = overdue(now)) {
                end_the_rest(*late);
            } else {
                look_where_due(now);
                fill_slots();
            }
        }
        clear_leftovers();
        return std::move(results_);
    }

private:
    struct Slot {
        std::unique_ptr<RunningItem> item;
        std::size_t result = 0;    ///< its place in the results
        double area_at_start = 0;  ///< of the number running over time
    };

    int running() const {
        return static_cast<int>(std::count_if(
            slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.item != nullptr; }));
    }

    bool any_has_ended() const {
        return std::any_of(slots_.begin(), slots_.end(),
                           [](const Slot& slot) { return slot.item && slot.item->has_ended(); });
    }

    /// Adds up (number running) x (time), so that each item's company can be averaged.
    void advance(Clock::time_point now) {
        area_ += running() * seconds_between(counted_to_, now).value;
        counted_to_ = now;
    }

    void fill_slots() {
        for (std::size_t index = 0; index < slots_.size() && !exhausted_ && !failed_; ++index) {
            if (slots_[index].item) continue;
            const auto command = next_(static_cast<int>(index));
            if (!command) {
                exhausted_ = true;
                return;
            }
            start(slots_[index], *command);
        }
    }

    void start(Slot& slot, const ItemCommand& command) {
        auto item = std::make_unique<RunningItem>(scope_, command, limits_);
        advance(item->child().pid < 0 ? Clock::now() : item->child().started);
        slot.result = results_.size();
        slot.area_at_start = area_;
        results_.emplace_back();
        if (item->child().pid < 0) {
            results_[slot.result] = item->finish(Clock::now(), Ended::not_started);
            failed_ = true;
            if (running() > 0) end_the_rest(Ended::with_others);
            return;
        }
        slot.item = std::move(item);
    }

    int milliseconds_to_wait() const {
        auto until = deadline_;
        for (const Slot& slot : slots_) {
            if (slot.item) until = std::min({until, slot.item->deadline(), slot.item->next_look()});
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000000));
    }

    void wait_for_news() {
        std::vector<pollfd> ends = {{scope_.children(), POLLIN, 0},
                                    {scope_.interrupts(), POLLIN, 0}};
        for (Slot& slot : slots_) {
            if (!slot.item) continue;
            ends.push_back({slot.item->out().fd(), POLLIN, 0});
            ends.push_back({slot.item->err().fd(), POLLIN, 0});
        }
        // What has ended already, while we queued, has been waiting to be seen since.
        if (!any_has_ended()) own_queueing_.since_last();
        ::poll(ends.data(), ends.size(), milliseconds_to_wait());
        seen_late_ = own_queueing_.since_last();
        if (ends[1].revents != 0) throw Interrupted{};
    }

    void collect(Clock::time_point now) {
        scope_.note_children();
        for (Slot& slot : slots_) {
            if (!slot.item) continue;
            if (slot.item->has_ended()) {
                finish(slot, now, Ended::by_itself);
            } else {
                slot.item->out().read_available();
                slot.item->err().read_available();
            }
        }
    }

    void finish(Slot& slot, Clock::time_point now, Ended how) {
        advance(now);
        ItemRun run = slot.item->finish(now, how, seen_late_);
        const double lifetime = seconds_between(slot.item->child().started, now).value;
        if (lifetime > 0) {
            run.running_beside = std::max(1.0, (area_ - slot.area_at_start) / lifetime);
        }
        failed_ = failed_ || !run.succeeded();
        results_[slot.result] = std::move(run);
        if (slot.item->has_leftovers()) with_leftovers_.push_back(std::move(slot.item));
        slot.item.reset();
    }

    std::optional<Ended> overdue(Clock::time_point now) {
        for (const Slot& slot : slots_) {
            if (slot.item && now >= slot.item->deadline()) return Ended::at_time_limit;
        }
        if (now >= deadline_) return Ended::with_others;
        return std::nullopt;
    }

    /// Ends every process of the round. With at_time_limit, those within their limit count as ended
    /// with others.
    void end_the_rest(Ended how) {
        const auto now = Clock::now();
        std::set<pid_t> ours;
        for (const Slot& slot : slots_) {
            if (slot.item) ours.insert(slot.item->child().pid);
        }
        failed_ = true;
        const Ending ending = end_descendants(scope_.other_children(), ours, limits_.grace);
        for (Slot& slot : slots_) {
            if (!slot.item || !slot.item->has_ended()) continue;
            const bool late = now >= slot.item->deadline();
            finish(slot, now,
                   late                          ? Ended::at_time_limit
                   : how == Ended::at_time_limit ? Ended::with_others
                                                 : how);
        }
        for (Slot& slot : slots_) slot.item.reset();  // what even SIGKILL could not end
        if (!results_.empty()) results_.back().survivors += ending.survivors;
    }

    void look_where_due(Clock::time_point now) {
        for (Slot& slot : slots_) {
            if (slot.item && now >= slot.item->next_look()) slot.item->look();
        }
    }

    /// Processes that the items left behind. Their CPU time belongs to the item if there was only
    /// one.
    void clear_leftovers() {
        if (no_children_but(scope_.other_children())) return;
        const Ending ending = end_descendants(scope_.other_children(), {}, limits_.grace);
        ItemRun& last = results_.back();
        last.left_running += ending.processes;
        last.survivors += ending.survivors;
        if (results_.size() != 1) return;
        last.user += ending.cpu.user;
        last.system += ending.cpu.system;
    }

    const SamplingScope& scope_;
    const NextCommand& next_;
    const ItemLimits& limits_;
    Clock::time_point deadline_;
    std::vector<Slot> slots_;
    std::vector<ItemRun> results_;
    std::vector<std::unique_ptr<RunningItem>> with_leftovers_;  ///< their cgroups are not empty yet
    OwnQueueing own_queueing_;
    Seconds seen_late_;  ///< between the news and our seeing it
    Clock::time_point counted_to_ = Clock::now();
    double area_ = 0;
    bool exhausted_ = false;
    bool failed_ = false;
};

}  // namespace

std::vector<ItemRun> run_side_by_side(const SamplingScope& scope, int width,
                                      const NextCommand& next, const ItemLimits& limits,
                                      Clock::time_point round_deadline) {
    return Round(scope, width, next, limits, round_deadline).run();
}

ItemRun run_item(const SamplingScope& scope, const ItemCommand& command, const ItemLimits& limits) {
    bool given = false;
    const NextCommand once = [&](int) -> std::optional<ItemCommand> {
        if (given) return std::nullopt;
        given = true;
        return command;
    };
    return run_side_by_side(scope, 1, once, limits, Clock::time_point::max()).front();
}

}  // namespace amorsize::measure
