#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/error.hpp"
#include "advisor/core/past_runs.hpp"
#include "advisor/measure/sample_failure.hpp"
#include "advisor/measure/sample_session.hpp"
#include "advisor/measure/sample_width.hpp"
#include "advisor/measure/stream_round.hpp"

namespace amorsize::measure {

namespace {

class StreamSample {
public:
    explicit StreamSample(SampleSession& session) : session_(session) {}

    /// One worker takes so many items; its first answer holds its start-up.
    void one_worker(int items) {
        // One more, for the start-up to be told from an item.
        const StreamResult round =
            run(1, session_.choose(std::int64_t{items} + 1, round_++), "one at a time");
        const std::vector<Seconds> later = seconds_of(round, 0);
        if (later.empty()) {
            const Answer& only = round.answers.front();
            session_.accept(only.index, run_of(round, only), sample_of(round, only));
            session_.note(
                "a worker's start-up is in its item's time: telling them apart takes two items");
            return;
        }
        for (const Answer& answer : round.answers) {
            if (!answer.given || answer.first) continue;
            session_.accept(answer.index, run_of(round, answer), sample_of(round, answer));
        }
        const Answer& first = round.answers.front();
        const Seconds usual = later[later.size() / 2];
        session_.set_worker_start(std::max(first.seconds - usual, Seconds{}));
        session_.set_warm_up({first.index, session_.item_text(first.index), run_of(round, first),
                              sample_of(round, first)});
        session_.set_aside(first.index, without_start(run_of(round, first)));
    }

    /// Several workers, `each` answers of each one and a first that does not count.
    Accompanied several(int width, int each) {
        const std::vector<std::int64_t> chosen =
            session_.choose(std::int64_t{width} * (each + 1), round_++);
        if (static_cast<int>(chosen.size()) < 2 * width) return {};
        const StreamResult round = run(width, chosen, fmt::format("{} side by side", width));
        if (round.out_of_time) {
            session_.note(fmt::format(
                "the budget ended a round of {} side by side: it is not among the samples", width));
            return {};
        }
        std::vector<Accompanied> beside;
        for (const Answer& answer : round.answers) {
            if (answer.first) {
                session_.set_aside(answer.index, without_start(run_of(round, answer)));
                continue;
            }
            session_.accept(answer.index, run_of(round, answer), sample_of(round, answer));
            beside.push_back({answer.working_beside, answer.seconds});
        }
        return fullest(beside);
    }

private:
    StreamResult run(int width, const std::vector<std::int64_t>& chosen, const std::string& phase) {
        session_.report(phase, 0, static_cast<int>(chosen.size()));
        StreamWork work;
        for (int worker = 0; worker < width; ++worker) {
            work.commands.push_back(session_.command({}, worker));
            if (width > 1) work.commands.back().pus = own_cores(session_, worker, width);
        }
        work.indices = chosen;
        for (const std::int64_t index : chosen) {
            session_.mark_taken(index);
            work.texts.push_back(one_line(index));
        }
        work.limits = session_.limits();
        work.deadline = session_.budget_ends();
        StreamResult round = run_stream(session_.scope(), work);
        check(round, work, width);
        session_.report(phase, static_cast<int>(chosen.size()), static_cast<int>(chosen.size()));
        return round;
    }

    std::string one_line(std::int64_t index) const {
        std::string text = session_.item_text(index);
        if (text.find('\n') == std::string::npos) return text;
        throw Error(
            ExitCode::bad_input,
            fmt::format("item {} holds a newline, but mode stream gives an item a line", index),
            "use mode exec, or let the item be the name of a file");
    }

    void check(StreamResult& round, const StreamWork& work, int width) {
        const bool some = !seconds_of(round, 0).empty() || !session_.result().items.empty();
        if (round.failed >= 0 && Clock::now() >= work.deadline && some &&
            round.workers[static_cast<std::size_t>(round.failed)].ended == Ended::at_time_limit) {
            round.failed = -1;
            round.out_of_time = true;
        }
        if (round.out_of_time) session_.result().ended_by = SampleEnd::budget;
        if (round.failed < 0 && (some || !round.out_of_time)) return;

        const int worker = std::max(round.failed, 0);
        const auto owed = std::find_if(
            round.answers.begin(), round.answers.end(),
            [&](const Answer& answer) { return answer.worker == worker && !answer.given; });
        ItemRun ended = round.workers[static_cast<std::size_t>(worker)];
        std::string what =
            width > 1 ? fmt::format("a worker, one of {} side by side,", width) : "the worker";
        if (owed != round.answers.end()) {
            what += fmt::format(" (on item {})", owed->index);
            if (ended.succeeded()) what += " ended before it had answered: it";
        } else if (ended.ended == Ended::at_time_limit) {
            what += " did not end with its input: it";
        }
        Error error =
            failure(what, work.commands[static_cast<std::size_t>(worker)], ended, work.limits.time);
        error.hint +=
            "; in mode stream the command reads an item a line on stdin, answers each with one "
            "line on "
            "stdout, flushed at once, and ends when its input does";
        throw Error(std::move(error));
    }

    std::vector<Seconds> seconds_of(const StreamResult& round, int worker) const {
        std::vector<Seconds> times;
        for (const Answer& answer : round.answers) {
            if (answer.worker == worker && answer.given && !answer.first)
                times.push_back(answer.seconds);
        }
        std::sort(times.begin(), times.end());
        return times;
    }

    /// The worker's figures with the item's own time and output; CPU time in proportion to the
    /// time.
    ItemRun run_of(const StreamResult& round, const Answer& answer) const {
        ItemRun run = round.workers[static_cast<std::size_t>(answer.worker)];
        Seconds all;
        for (const Answer& other : round.answers) {
            if (other.worker == answer.worker) all += other.seconds;
        }
        const double share = all.value > 0 ? answer.seconds / all : 0;
        run.user = run.user * share;
        run.system = run.system * share;
        run.queued = run.queued * share + answer.seen_late;
        run.seconds = answer.seconds;
        run.running_beside = answer.working_beside;
        run.out = answer.text;
        run.out_bytes = Bytes{static_cast<std::int64_t>(answer.text.size())};
        run.err.clear();
        run.io.reset();
        return run;
    }

    ItemRun without_start(ItemRun run) const {
        const Seconds start = session_.result().profile.worker_start.value_or(Seconds{});
        run.seconds = std::max(run.seconds - start, Seconds{});
        return run;
    }

    Sample sample_of(const StreamResult& round, const Answer& answer) const {
        return session_.sample_of(answer.index, run_of(round, answer));
    }

    SampleSession& session_;
    std::uint64_t round_ = 0;
};

}  // namespace

void sample_stream(SampleSession& session) {
    StreamSample sample(session);
    const int size = session.request().manifest.sample.size;
    // Where the history may settle the answer, a few items show whether it holds.
    const int first = session.request().answer_can_change
                          ? std::min(size, static_cast<int>(kItemsToConfirm))
                          : size;
    sample.one_worker(first);
    const auto worth_alone = [&](int items) {
        const Seconds time = session.mean_alone() * items;
        return session.worth(time, time);
    };
    if (first < size && worth_alone(size - first)) sample.one_worker(size - first);
    for (int more = session.worth_adding(); more > 0 && more < session.left() && worth_alone(more);
         more = session.worth_adding()) {
        sample.one_worker(more);
    }
    if (session.result().ended_by != SampleEnd::complete) return;
    widen(session, 2, [&](int width) {
        const Seconds start = session.result().profile.worker_start.value_or(Seconds{});
        const int each = turns(session, width);
        const Seconds time = session.mean_alone() * (each + 1);
        if (!session.worth(time + start, time * width)) return Accompanied{};
        return sample.several(width, each);
    });
}

}  // namespace amorsize::measure
