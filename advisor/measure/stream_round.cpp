#include "advisor/measure/stream_round.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

namespace amorsize::measure {

namespace {

constexpr auto kTimeToLeave = std::chrono::seconds(5);  // after the end of its input
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

Clock::duration duration(Seconds seconds) {
    return std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(seconds.value));
}

class StreamRound {
public:
    StreamRound(const SamplingScope& scope, const StreamWork& work) : scope_(scope), work_(work) {
        result_.workers.resize(work.commands.size());
    }
    StreamRound(const StreamRound&) = delete;
    StreamRound& operator=(const StreamRound&) = delete;
    ~StreamRound() {
        if (running() > 0) end_all();
    }

    StreamResult run() {
        for (std::size_t k = 0; k < work_.commands.size() && !over(); ++k)
            start(static_cast<int>(k));
        while (running() > 0 && !over()) {
            wait_for_news();
            const auto now = Clock::now();
            scope_.note_children();
            for (Worker& worker : workers_) {
                if (worker.process) attend(worker, now);
            }
            check_time(now);
        }
        if (running() > 0) end_all();
        if (!no_children_but(scope_.other_children())) {
            end_descendants(scope_.other_children(), {}, work_.limits.grace);
        }
        return std::move(result_);
    }

private:
    struct Worker {
        int number = 0;
        std::unique_ptr<RunningItem> process;
        FileDescriptor in;
        std::string unsent;
        std::size_t answer = kNone;     ///< the one it owes us
        bool waits_for_others = false;  ///< has started up; the others have not
        std::int64_t lines_before = 0;
        Clock::time_point asked;
        double area_when_asked = 0;
    };

    bool over() const { return result_.failed >= 0 || result_.out_of_time; }

    int running() const {
        return static_cast<int>(
            std::count_if(workers_.begin(), workers_.end(),
                          [](const Worker& worker) { return worker.process != nullptr; }));
    }

    bool busy(const Worker& worker) const {
        return worker.answer != kNone && !result_.answers[worker.answer].first;
    }

    void advance(Clock::time_point now) {
        const auto count = std::count_if(workers_.begin(), workers_.end(),
                                         [this](const Worker& worker) { return busy(worker); });
        area_ += static_cast<double>(count) * seconds_between(counted_to_, now).value;
        counted_to_ = now;
    }

    void start(int number) {
        Pipe in = open_pipe();
        ItemLimits limits = work_.limits;
        limits.time = Seconds{1e9};  // the time of an item is watched here
        Worker worker;
        worker.number = number;
        worker.process = std::make_unique<RunningItem>(
            scope_, work_.commands[static_cast<std::size_t>(number)], limits, in.read_end.get());
        if (worker.process->child().pid < 0) {
            result_.workers[static_cast<std::size_t>(number)] =
                worker.process->finish(Clock::now(), Ended::not_started);
            result_.failed = number;
            return;
        }
        worker.in = std::move(in.write_end);
        ::fcntl(worker.in.get(), F_SETFL, O_NONBLOCK);
        workers_.push_back(std::move(worker));
        ask(workers_.back(), workers_.back().process->child().started, true);
    }

    void ask(Worker& worker, Clock::time_point now, bool first) {
        advance(std::max(now, counted_to_));
        worker.waits_for_others = false;
        worker.answer = kNone;
        if (next_ == work_.indices.size()) {
            worker.asked = now;
            worker.in.reset();
            return;
        }
        worker.answer = result_.answers.size();
        Answer answer;
        answer.index = work_.indices[next_];
        answer.worker = worker.number;
        answer.first = first;
        result_.answers.push_back(answer);
        worker.unsent = work_.texts[next_] + "\n";
        worker.lines_before = worker.process->out().lines();
        worker.asked = now;
        worker.area_when_asked = area_;
        ++next_;
        send(worker);
    }

    static void send(Worker& worker) {
        while (worker.in.is_open() && !worker.unsent.empty()) {
            const ssize_t sent =
                ::write(worker.in.get(), worker.unsent.data(), worker.unsent.size());
            if (sent >= 0) {
                worker.unsent.erase(0, static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                return;
            } else if (errno != EINTR) {
                worker.in.reset();  // it has closed its input; its end will tell
            }
        }
    }

    void wait_for_news() {
        std::vector<pollfd> ends = {{scope_.children(), POLLIN, 0},
                                    {scope_.interrupts(), POLLIN, 0}};
        auto until = work_.deadline;
        for (Worker& worker : workers_) {
            if (!worker.process) continue;
            ends.push_back({worker.process->out().fd(), POLLIN, 0});
            ends.push_back({worker.process->err().fd(), POLLIN, 0});
            if (!worker.unsent.empty()) ends.push_back({worker.in.get(), POLLOUT, 0});
            until = std::min({until, deadline_of(worker), worker.process->next_look()});
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        own_queueing_.since_last();
        ::poll(ends.data(), ends.size(),
               static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000000)));
        seen_late_ = own_queueing_.since_last();
        if (ends[1].revents != 0) throw Interrupted{};
    }

    void attend(Worker& worker, Clock::time_point now) {
        worker.process->out().read_available();
        worker.process->err().read_available();
        send(worker);
        if (worker.answer != kNone && worker.process->out().lines() > worker.lines_before) {
            take_answer(worker, now);
        }
        if (worker.process->has_ended()) {
            finish(worker, now, Ended::by_itself);
        } else if (now >= worker.process->next_look()) {
            worker.process->look();
        }
    }

    void take_answer(Worker& worker, Clock::time_point now) {
        advance(now);
        Answer& answer = result_.answers[worker.answer];
        answer.given = true;
        answer.seconds = seconds_between(worker.asked, now);
        answer.seen_late = std::min(seen_late_, answer.seconds);
        if (answer.first) answer.seconds -= worker.process->child().joining;
        answer.text = worker.process->out().take_kept();
        if (answer.seconds.value > 0) {
            answer.working_beside =
                std::max(1.0, (area_ - worker.area_when_asked) / answer.seconds.value);
        }
        if (answer.first && ++ready_ < work_.commands.size()) {
            worker.waits_for_others = true;
            worker.answer = kNone;
            return;
        }
        const bool all_are_ready = answer.first;
        ask(worker, now, false);
        for (Worker& other : workers_) {
            if (all_are_ready && other.waits_for_others) ask(other, now, false);
        }
    }

    void finish(Worker& worker, Clock::time_point now, Ended how) {
        ItemRun run = worker.process->finish(now, how, seen_late_);
        const bool owes = worker.answer != kNone && !result_.answers[worker.answer].given;
        if ((owes || !run.succeeded()) && !over()) result_.failed = worker.number;
        result_.workers[static_cast<std::size_t>(worker.number)] = std::move(run);
        worker.process.reset();
        worker.answer = kNone;
    }

    Clock::time_point deadline_of(const Worker& worker) const {
        if (worker.waits_for_others) return Clock::time_point::max();
        return worker.asked + (worker.answer == kNone ? kTimeToLeave : duration(work_.limits.time));
    }

    void check_time(Clock::time_point now) {
        if (over()) return;
        for (const Worker& worker : workers_) {
            if (worker.process && now >= deadline_of(worker)) {
                late_ = worker.number;
                result_.failed = worker.number;
                return;
            }
        }
        result_.out_of_time = now >= work_.deadline;
    }

    void end_all() {
        const auto now = Clock::now();
        std::set<pid_t> ours;
        for (const Worker& worker : workers_) {
            if (worker.process) ours.insert(worker.process->child().pid);
        }
        end_descendants(scope_.other_children(), ours, work_.limits.grace);
        for (Worker& worker : workers_) {
            if (!worker.process || !worker.process->has_ended()) continue;
            finish(worker, now, worker.number == late_ ? Ended::at_time_limit : Ended::with_others);
        }
        for (Worker& worker : workers_) worker.process.reset();
    }

    const SamplingScope& scope_;
    const StreamWork& work_;
    StreamResult result_;
    std::vector<Worker> workers_;
    std::size_t next_ = 0;
    std::size_t ready_ = 0;  ///< workers that have answered their first item
    int late_ = -1;
    OwnQueueing own_queueing_;
    Seconds seen_late_;  ///< between the news and our seeing it
    double area_ = 0;
    Clock::time_point counted_to_ = Clock::now();
};

}  // namespace

StreamResult run_stream(const SamplingScope& scope, const StreamWork& work) {
    return StreamRound(scope, work).run();
}

}  // namespace amorsize::measure
