#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "advisor/measure/sample_session.hpp"
#include "advisor/measure/sample_width.hpp"

namespace amorsize::measure {

namespace {

class SideBySide {
public:
    explicit SideBySide(SampleSession& session) : session_(session) {}

    Accompanied run(int width) {
        const int each = turns(session_, width);
        const Seconds time = session_.mean_alone() * each;
        if (!session_.worth(time, time * width)) return {};
        const std::vector<std::int64_t> chosen =
            session_.choose(std::int64_t{width} * each, ++round_);
        if (static_cast<int>(chosen.size()) < width) return {};
        report(width, 0, chosen.size());
        std::vector<ItemRun> runs = start_all(width, chosen);
        report(width, runs.size(), chosen.size());
        return take_in(width, chosen, std::move(runs));
    }

private:
    void report(int width, std::size_t done, std::size_t planned) const {
        session_.report(fmt::format("{} side by side", width), static_cast<int>(done),
                        static_cast<int>(planned));
    }

    std::vector<ItemRun> start_all(int width, const std::vector<std::int64_t>& chosen) {
        std::size_t given = 0;
        const NextCommand next = [&](int slot) -> std::optional<ItemCommand> {
            if (given == chosen.size()) return std::nullopt;
            ItemCommand command = session_.command({chosen[given++]}, slot);
            command.pus = own_cores(session_, slot, width);
            return command;
        };
        return run_side_by_side(session_.scope(), width, next, session_.limits(),
                                session_.budget_ends());
    }

    Accompanied take_in(int width, const std::vector<std::int64_t>& chosen,
                        std::vector<ItemRun> runs) {
        const bool refused = std::any_of(runs.begin(), runs.end(), [](const ItemRun& run) {
            return run.ended == Ended::not_started && run.start_error == EAGAIN;
        });
        if (refused) {
            session_.note(fmt::format(
                "no more than {} processes may run here (ulimit -u, pids.max): wider was not tried",
                runs.size() - 1));
        }
        bool cut_short = false;
        for (std::size_t k = 0; k < runs.size(); ++k) {
            cut_short = cut_short || !runs[k].succeeded();
            const bool ours =
                runs[k].ended == Ended::with_others || refused || session_.out_of_budget(runs[k]);
            if (!runs[k].succeeded() && !ours) {
                session_.fail(chosen[k], runs[k], fmt::format(", one of {} side by side,", width));
            }
        }
        std::vector<Accompanied> beside;
        for (std::size_t k = 0; k < runs.size(); ++k) {
            if (cut_short) {
                // The quick ones of a round cut short would make it look better than it was.
                session_.set_aside(chosen[k], runs[k]);
                continue;
            }
            beside.push_back({runs[k].running_beside, runs[k].seconds});
            session_.accept(chosen[k], std::move(runs[k]));
        }
        if (cut_short && !refused) {
            session_.note(fmt::format(
                "the budget ended a round of {} side by side: it is not among the samples", width));
        }
        return fullest(beside);
    }

    SampleSession& session_;
    std::uint64_t round_ = 0;
};

}  // namespace

void sample_side_by_side(SampleSession& session) {
    SideBySide rounds(session);
    widen(session, 1, [&](int width) { return rounds.run(width); });
}

}  // namespace amorsize::measure
