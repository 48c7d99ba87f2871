#include "advisor/measure/pinned_threads.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <memory>
#include <system_error>
#include <thread>

#include "advisor/core/error.hpp"

namespace amorsize::measure {

namespace {

using Clock = std::chrono::steady_clock;

bool pin_to(int pu) {
    const auto free_set = [](cpu_set_t* set) { CPU_FREE(set); };
    const auto count = static_cast<std::size_t>(pu) + 1;
    const std::unique_ptr<cpu_set_t, decltype(free_set)> set(CPU_ALLOC(count), free_set);
    const std::size_t size = CPU_ALLOC_SIZE(count);
    CPU_ZERO_S(size, set.get());
    CPU_SET_S(static_cast<std::size_t>(pu), size, set.get());
    return sched_setaffinity(0, size, set.get()) == 0;
}

enum class Gate { closed, open, cancelled };

// What the threads of one measurement share.
class Team {
public:
    Team(const std::vector<int>& pus, const Repeats& repeats,
         const std::function<void(std::size_t)>& body)
        : pus_(pus),
          repeats_(repeats),
          body_(body),
          starts_(pus.size()),
          ends_(pus.size()),
          line_(static_cast<std::ptrdiff_t>(pus.size()), RoundEnd{this}) {}

    void pass_gate(Gate gate) {
        gate_ = gate;
        gate_.notify_all();
    }

    void run(std::size_t thread) {
        gate_.wait(Gate::closed);
        if (gate_ == Gate::cancelled) return;
        if (!pin_to(pus_[thread])) unpinned_ = pus_[thread];
        line_.arrive_and_wait();
        while (!done_) {
            starts_[thread] = Clock::now();
            body_(thread);
            ends_[thread] = Clock::now();
            line_.arrive_and_wait();
        }
    }

    const std::vector<Seconds>& rounds() const { return rounds_; }
    int unpinned() const { return unpinned_; }

private:
    // Runs on one thread while the others wait.
    struct RoundEnd {
        Team* team;
        void operator()() noexcept { team->end_round(); }
    };

    void end_round() noexcept {
        if (!started_) {
            started_ = true;
            begin_ = Clock::now();
            done_ = unpinned_ >= 0;
            return;
        }
        const auto first = *std::min_element(starts_.begin(), starts_.end());
        const auto last = *std::max_element(ends_.begin(), ends_.end());
        rounds_.push_back({std::chrono::duration<double>(last - first).count()});
        const int count = static_cast<int>(rounds_.size());
        done_ = count >= repeats_.most ||
                (count >= repeats_.fewest && since(begin_) >= repeats_.budget);
    }

    const std::vector<int>& pus_;
    const Repeats& repeats_;
    const std::function<void(std::size_t)>& body_;
    std::atomic<Gate> gate_{Gate::closed};
    std::atomic<int> unpinned_{-1};
    bool started_ = false;
    bool done_ = false;
    Clock::time_point begin_;
    std::vector<Clock::time_point> starts_;
    std::vector<Clock::time_point> ends_;
    std::vector<Seconds> rounds_;
    std::barrier<RoundEnd> line_;
};

}  // namespace

std::vector<Seconds> timed_rounds(const std::vector<int>& pus, const Repeats& repeats,
                                  const std::function<void(std::size_t thread)>& body) {
    Team team(pus, repeats, body);
    std::vector<std::jthread> threads;
    threads.reserve(pus.size());
    try {
        for (std::size_t i = 0; i < pus.size(); ++i) threads.emplace_back([&, i] { team.run(i); });
    } catch (const std::system_error& error) {
        team.pass_gate(Gate::cancelled);
        threads.clear();
        throw Error(
            ExitCode::environment,
            fmt::format("cannot start {} threads to measure with: {}", pus.size(), error.what()),
            "raise the limit on processes (ulimit -u, pids.max)");
    }
    team.pass_gate(Gate::open);
    threads.clear();
    if (team.unpinned() >= 0) {
        throw Error(ExitCode::environment,
                    fmt::format("cannot bind a thread to hardware thread {}", team.unpinned()),
                    "the CPUs this process may use changed while it was measuring");
    }
    return team.rounds();
}

}  // namespace amorsize::measure
