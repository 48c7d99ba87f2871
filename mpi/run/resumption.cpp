#include "mpi/run/resumption.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

#include "advisor/core/error.hpp"
#include "advisor/io/items.hpp"
#include "mpi/run/kept_results.hpp"
#include "mpi/run/known_sizes.hpp"
#include "mpi/run/run_state.hpp"

namespace amorsize::run {

namespace {

/// Samples that cannot be read are run again: no reason to give up a job that has its nodes.
void take_over(const RunFolder& own, const std::string& kept, const PlannedJob& job,
               const ItemList& list, RunState& state,
               const std::function<void(const std::string&)>& say) {
    try {
        take_over_kept(own, kept, job, list, state);
    } catch (const Error& error) {
        if (error.code != ExitCode::bad_input) throw;
        say(fmt::format("warning: {}; items run as a sample are run again\n", error.what()));
    }
}

/// What is not this run's: nothing but for an element of an array.
ItemSet of_others(const std::optional<ArrayShare>& share, std::int64_t items) {
    ItemSet others(items);
    for (std::int64_t item = 0; share && item < items; ++item) {
        if (!share->has(item)) others.insert(item);
    }
    return others;
}

}  // namespace

Resumption take_up(const RunFolder& folder, const std::optional<ArrayShare>& share,
                   const ResumePolicy& policy, const PlannedJob& job, const ItemList& list,
                   std::int64_t items, const std::string& identity,
                   const std::function<void(const std::string&)>& say) {
    std::optional<std::vector<float>> sizes;
    if (policy.fresh) {
        if (belongs_to(folder, identity)) sizes = seconds_of_earlier_runs(folder, items);
        folder.clear();
        ::unlink(kept_path(folder).c_str());
    }
    if (!sizes && job.job.mode != Mode::program)
        sizes = sizes_of_files(job.job.items, list, job.job.directory);
    if (sizes && !worth_ordering(*sizes, job.plan.layout.workers)) sizes.reset();
    claim_folder(folder, identity);
    const RunFolder own = share ? folder.of_element(share->number) : folder;
    RunState state = read_run_state(folder, items);
    const ItemSet others = of_others(share, items);
    state.done.insert(others);
    state.failed.erase(others);
    if (job.job.mode != Mode::program) take_over(own, kept_path(folder), job, list, state, say);
    const std::int64_t mine = items - others.count();
    const std::int64_t done = state.done.count() - others.count();
    Resumption resumption{own.last_epoch() + 1,
                          mine,
                          done,
                          0,
                          std::move(state.done),
                          std::move(sizes).value_or(std::vector<float>{})};
    if (!policy.retry_failed) {
        resumption.failed_before = state.failed.count();
        resumption.settled.insert(state.failed);
    }
    return resumption;
}

std::string encode(const Resumption& resumption) {
    const std::array<std::int64_t, 4> numbers{resumption.epoch, resumption.items,
                                              resumption.done_before, resumption.failed_before};
    std::string text(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
    text.append(resumption.settled.bytes());
    text.append(reinterpret_cast<const char*>(resumption.sizes.data()),
                resumption.sizes.size() * sizeof(float));
    return text;
}

Resumption decode_resumption(const std::string& text, std::int64_t items) {
    std::array<std::int64_t, 4> numbers;
    std::memcpy(numbers.data(), text.data(), sizeof numbers);
    std::string_view rest = std::string_view(text).substr(sizeof numbers);
    ItemSet settled(items, rest);
    rest.remove_prefix(settled.bytes().size());
    std::vector<float> sizes(rest.size() / sizeof(float));
    if (!sizes.empty()) std::memcpy(sizes.data(), rest.data(), rest.size());
    return {static_cast<int>(numbers[0]), numbers[1],      numbers[2], numbers[3],
            std::move(settled),           std::move(sizes)};
}

}  // namespace amorsize::run
