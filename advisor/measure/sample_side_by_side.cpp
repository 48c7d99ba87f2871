#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

namespace {

constexpr double kWaits = 0.7;  // share of its time on a core, or in the queue for one, below which
                                // an item counts as waiting
constexpr double kWorthwhileGain = 1.1;  // of the throughput, to go on doubling the width
constexpr double kNearlyFull = 0.75;     // company of an item, in widths, for it to count
constexpr int kWidestPerCore = 64;
constexpr Seconds kWorthwhileRound{0.1};  // shorter rounds see mostly starts and ends
constexpr int kMostTurns = 10;            // items a slot runs in one round
constexpr int kDescriptorsEach = 4;       // of ours, for a running item

int threads_each(const SampleSession& session) {
    return std::max(1, session.request().manifest.resources.threads);
}

/// Workers that the usable cores hold.
int full_width(const SampleSession& session) {
    return static_cast<int>(session.request().cores.size()) / threads_each(session);
}

/// The most that memory and open files allow.
int widest_possible(SampleSession& session) {
    const SampleRequest& request = session.request();
    int widest = std::max(1, static_cast<int>(request.cores.size())) * kWidestPerCore;
    Bytes peak;
    for (const SampledItem& item : session.result().items) {
        peak = std::max(peak, item.run.peak_memory);
    }
    if (request.memory && peak.value > 0) {
        const Bytes room = *request.memory * (1 - request.manifest.headroom.value);
        widest = std::min(widest, static_cast<int>(std::min(room / peak, 1e6)));
    }
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        widest = std::min(widest, static_cast<int>(files.rlim_cur / kDescriptorsEach) - 16);
    }
    return widest;
}

/// The hardware threads of slot `slot`, a core (or several) of its own; any where there are not
/// enough.
std::vector<int> own_cores(const SampleSession& session, int slot, int width) {
    const auto& cores = session.request().cores;
    const auto each = static_cast<std::size_t>(threads_each(session));
    if (static_cast<std::size_t>(width) * each > cores.size()) return {};
    std::vector<int> pus;
    for (std::size_t core = 0; core < each; ++core) {
        const auto& own = cores[static_cast<std::size_t>(slot) * each + core];
        pus.insert(pus.end(), own.begin(), own.end());
    }
    return pus;
}

/// Items a slot runs in one round: enough that the round lasts, so that most of each one's time has
/// company.
int turns(const SampleSession& session) {
    const double enough = std::ceil(kWorthwhileRound / session.mean_alone());
    return static_cast<int>(std::clamp(enough, 1.0, double(kMostTurns)));
}

struct RoundResult {
    bool usable = false;  ///< everything in it ran to its end
    Seconds mean;         ///< of the items that ran with (nearly) all slots busy
};

class SideBySide {
public:
    explicit SideBySide(SampleSession& session) : session_(session) {}

    RoundResult run(int width) {
        const std::vector<std::int64_t> chosen =
            session_.choose(std::int64_t{width} * turns(session_), ++round_);
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

    RoundResult take_in(int width, const std::vector<std::int64_t>& chosen,
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
        RoundResult result;
        int counted = 0;
        for (std::size_t k = 0; k < runs.size(); ++k) {
            if (cut_short) {
                // The quick ones of a round cut short would make it look better than it was.
                session_.set_aside(chosen[k], std::move(runs[k]));
                continue;
            }
            if (runs[k].running_beside > kNearlyFull * width) {
                result.mean += runs[k].seconds;
                ++counted;
            }
            session_.accept(chosen[k], std::move(runs[k]));
        }
        if (cut_short && !refused) {
            session_.note(fmt::format(
                "the budget ended a round of {} side by side: it is not among the samples", width));
        }
        result.usable = counted > 0;
        if (counted > 0) result.mean = result.mean / counted;
        return result;
    }

    SampleSession& session_;
    std::uint64_t round_ = 0;
};

}  // namespace

void sample_side_by_side(SampleSession& session) {
    if (session.result().ended_by != SampleEnd::complete || session.mean_alone().value <= 0) return;
    const bool waits = session.busy_share() < kWaits;
    const int widest = widest_possible(session);
    int width = std::min(full_width(session), widest);
    if (width < 2 && waits) width = 2;
    if (width < 2 || width > widest) return;

    session.begin_rounds();
    SideBySide rounds(session);
    double throughput = 1 / session.mean_alone().value;
    while (width <= widest && session.worth(session.mean_alone() * turns(session))) {
        const RoundResult round = rounds.run(width);
        if (!round.usable) return;
        const double wider = width / round.mean.value;
        if (!waits || wider < throughput * kWorthwhileGain) return;
        throughput = wider;
        width *= 2;
    }
}

}  // namespace amorsize::measure
