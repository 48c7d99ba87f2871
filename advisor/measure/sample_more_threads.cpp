#include <fmt/format.h>

#include <algorithm>

#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

namespace {

constexpr std::size_t kItems = 2;        // tried again with each count
constexpr double kWorthwhileGain = 1.1;  // over half as many threads

/// Items that ran alone, not the first where there are enough others: it meets what later ones do
/// not.
std::vector<SampledItem> to_try_again(const SampleResult& result) {
    std::vector<SampledItem> alone;
    for (const SampledItem& item : result.items) {
        if (item.sample.concurrency == 1 && item.sample.round == 0) alone.push_back(item);
    }
    const std::size_t count = std::min(kItems, alone.size());
    return {alone.end() - static_cast<std::ptrdiff_t>(count), alone.end()};
}

Seconds time_of(const std::vector<SampledItem>& items) {
    Seconds sum;
    for (const SampledItem& item : items) sum += item.run.seconds;
    return sum;
}

}  // namespace

void sample_more_threads(SampleSession& session) {
    const std::vector<SampledItem> items = to_try_again(session.result());
    if (items.empty()) return;
    const int cores = static_cast<int>(session.request().cores.size());
    Seconds before = time_of(items);
    session.begin_phase();
    for (int threads = std::min(2, cores); threads > 1; threads = std::min(2 * threads, cores)) {
        const bool asked_for = threads == 2;
        if (session.limits().time < before) {
            session.note(fmt::format("{} threads were not tried: the budget is used up", threads));
            return;
        }
        if (!asked_for && !session.worth(before, Seconds{})) return;
        session.report(fmt::format("with {} threads", threads), 0, static_cast<int>(items.size()));
        Seconds now;
        for (const SampledItem& item : items) {
            // A run ended half-way could spoil what an item that is kept left in files.
            session.do_not_keep(item.index);
            const ItemCommand command = session.command_with_threads(item.index, threads);
            const ItemRun run = run_item(session.scope(), command, session.limits());
            if (!session.accept_again(item.index, run, threads)) return;
            now += run.seconds;
        }
        if (threads == cores || before / now < kWorthwhileGain) return;
        before = now;
    }
}

}  // namespace amorsize::measure
