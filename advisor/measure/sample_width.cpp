#include "advisor/measure/sample_width.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

namespace amorsize::measure {

namespace {

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

/// Workers that two threads on each core hold; 0 where they are not to be tried.
int width_on_all_threads(const SampleSession& session) {
    const auto& cores = session.request().cores;
    const bool all_have_two =
        std::all_of(cores.begin(), cores.end(), [](const auto& pus) { return pus.size() >= 2; });
    return session.request().try_second_threads && all_have_two ? 2 * full_width(session) : 0;
}

/// The most that memory and open files allow.
int widest_possible(SampleSession& session) {
    const SampleRequest& request = session.request();
    int widest = std::max(1, static_cast<int>(request.cores.size())) * kWidestPerCore;
    WorkerMemory worker;
    for (const SampledItem& item : session.result().items) {
        worker.alone = std::max(worker.alone, item.run.peak_memory);
    }
    worker.common = session.common().value_or(CommonPages{});
    if (request.memory && worker.alone.value > 0) {
        const Bytes room = *request.memory * (1 - request.manifest.headroom.value);
        widest = std::min(widest, worker.fitting(room));
    }
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        widest = std::min(widest, static_cast<int>(files.rlim_cur / kDescriptorsEach) - 16);
    }
    return widest;
}

}  // namespace

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

int turns(const SampleSession& session, int width) {
    const double enough = std::ceil(kWorthwhileRound / session.mean_alone());
    const double missing = std::ceil(double(session.missing_for_nothing()) / width);
    return static_cast<int>(std::clamp(std::max(enough, missing), 1.0, double(kMostTurns)));
}

void widen(SampleSession& session, int items_each, const std::function<Accompanied(int)>& round) {
    const SampleEnd so_far = session.result().ended_by;
    const bool may_go_on = so_far == SampleEnd::complete || so_far == SampleEnd::saving;
    if (!may_go_on || session.mean_alone().value <= 0) return;
    WidthRange range;
    range.cores = full_width(session);
    range.on_all_threads = width_on_all_threads(session);
    range.widest = widest_possible(session);
    range.busy = session.busy_share();
    range.alone = session.mean_alone();
    session.begin_phase();
    try_widths(
        range, [&] { return session.left() / items_each; },
        [&](int width) {
            session.next_round();
            return round(width);
        });
}

}  // namespace amorsize::measure
