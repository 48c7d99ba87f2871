#include "advisor/core/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

/// A reason in words, with the figures the words were made from.
struct Rendered {
    const char* code;
    std::string text;
    std::vector<Figure> figures;
};

template <class... Arguments>
std::string say(fmt::format_string<Arguments...> pattern, Arguments&&... arguments) {
    return fmt::format(pattern, std::forward<Arguments>(arguments)...);
}

std::string plural(std::int64_t count, const char* one, const char* many) {
    return fmt::format("{} {}", to_text(count), count == 1 ? one : many);
}

Figure seconds(const char* name, Seconds value) {
    return {name, value.value};
}
Figure bytes(const char* name, Bytes value) {
    return {name, value.value};
}
Figure share(const char* name, Fraction value) {
    return {name, value.value};
}
Figure number(const char* name, double value) {
    return {name, value};
}
Figure count(const char* name, std::int64_t value) {
    return {name, value};
}
Figure word(const char* name, std::string value) {
    return {name, std::move(value)};
}

const char* name_of(Schedule schedule) {
    switch (schedule) {
        case Schedule::fixed:
            return "fixed";
        case Schedule::guided:
            return "guided";
        case Schedule::factoring:
            return "factoring";
        case Schedule::weighted_factoring:
            return "weighted factoring";
    }
    return "";
}

// --- where the work runs ---

Rendered render(const reason::RanksFollowDomains& r) {
    return {"ranks_follow_domains",
            r.ranks_per_node == r.domains
                ? say("{} a node: one per {}", plural(r.ranks_per_node, "rank", "ranks"), r.level)
                : say("{} a node over {} {}s", plural(r.ranks_per_node, "rank", "ranks"), r.domains,
                      r.level),
            {count("ranks_per_node", r.ranks_per_node), count("domains", r.domains),
             word("level", r.level)}};
}
Rendered render(const reason::OneRankPerNode& r) {
    return {
        "one_rank_per_node",
        say("one rank a node: its workers would not fill the {} NUMA domains evenly", r.domains),
        {count("domains", r.domains)}};
}
Rendered render(const reason::OneWorkerPerCore& r) {
    const std::string text =
        r.threads == 1 && r.workers == r.cores
            ? say("{} a node: one per physical core", plural(r.workers, "worker", "workers"))
            : say("{} of {} a node on {}", plural(r.workers, "worker", "workers"),
                  plural(r.threads, "thread", "threads"),
                  plural(r.cores, "physical core", "physical cores"));
    return {"one_worker_per_core",
            text,
            {count("workers", r.workers), count("cores", r.cores), count("threads", r.threads)}};
}
Rendered render(const reason::RanksOfProgram& r) {
    const std::string each = r.threads == 1 ? "a core each" : say("{} cores each", r.threads);
    const std::string why = r.bound == "cores"
                                ? say("{} fill its {}", r.ranks == 1 ? "it does" : "they",
                                      plural(r.cores, "physical core", "physical cores"))
                                : say("more would not find {} of their own there", r.bound);
    return {"ranks_of_program",
            say("{} a node, {}: {}", plural(r.ranks, "rank", "ranks"), each, why),
            {count("ranks_per_node", r.ranks), count("threads", r.threads), count("cores", r.cores),
             word("bound", r.bound)}};
}
Rendered render(const reason::NodesOfProgram& r) {
    return {"nodes_of_program",
            say("{}, for limits.nodes names no other count and how the program scales is not "
                "known; {} could be had",
                plural(r.nodes, "node", "nodes"), to_text(std::int64_t{r.available})),
            {count("nodes", r.nodes), count("available_nodes", r.available)}};
}
Rendered render(const reason::GpusLimit& r) {
    return {"gpus_limit",
            say("{} a node: it has {}, a worker takes {}", plural(r.workers, "worker", "workers"),
                plural(r.gpus, "GPU", "GPUs"), r.gpus_per_worker),
            {count("workers", r.workers), count("gpus", r.gpus),
             count("gpus_per_worker", r.gpus_per_worker)}};
}
Rendered render(const reason::SecondThreadPays& r) {
    return {"second_thread_pays",
            say("both hardware threads of a core are used: together they do {} x the work of one",
                to_text(r.yield)),
            {number("yield", r.yield)}};
}
Rendered render(const reason::SecondThreadRejected& r) {
    if (!r.yield) {
        return {"second_thread_rejected",
                "one worker a core: the gain of a second hardware thread was not measured",
                {}};
    }
    return {"second_thread_rejected",
            say("a second hardware thread on a core yields {} x, not worth it", to_text(*r.yield)),
            {number("yield", *r.yield)}};
}
Rendered render(const reason::ItemsWait& r) {
    std::string text =
        say("items wait: CPU time is {} of wall time, so {} a node share {}", to_text(r.cpu_share),
            plural(r.workers_per_node, "worker", "workers"), plural(r.cores, "core", "cores"));
    text += r.shown > 0 ? say("; seen side by side up to {}", r.shown)
                        : std::string("; not tried side by side");
    return {"items_wait",
            text,
            {share("cpu_share", r.cpu_share), count("workers_per_node", r.workers_per_node),
             count("cores", r.cores), count("shown_workers", r.shown)}};
}
Rendered render(const reason::CoRunSlowdown& r) {
    return {"co_run_slowdown",
            say("{} side by side each ran {} x as long as alone", r.at_workers, to_text(r.factor)),
            {count("at_workers", r.at_workers), number("factor", r.factor)}};
}
Rendered render(const reason::FewerItemsThanWorkers& r) {
    return {"fewer_items_than_workers",
            say("{} for {}: no more workers than items", plural(r.items, "item", "items"),
                plural(r.workers, "worker", "workers")),
            {count("items", r.items), count("workers", r.workers)}};
}
Rendered render(const reason::FewerWorkersAreEnough& r) {
    return {
        "fewer_workers_are_enough",
        say("{} finish as soon as {} would: the items come in whole rounds", r.workers, r.possible),
        {count("workers", r.workers), count("possible", r.possible)}};
}
Rendered render(const reason::NodesPayOff& r) {
    return {"nodes_pay_off",
            say("{}: {}, where {} would take {}", plural(r.nodes, "node", "nodes"), to_text(r.wall),
                r.fewer, to_text(r.wall_with_fewer)),
            {count("nodes", r.nodes), seconds("wall_seconds", r.wall),
             count("fewer_nodes", r.fewer), seconds("wall_with_fewer_seconds", r.wall_with_fewer)}};
}
Rendered render(const reason::MoreNodesNotWorthIt& r) {
    const std::string effect = r.saved > Seconds{0}
                                   ? say("would save {}", to_text(r.saved))
                                   : say("would take {} longer", to_text(Seconds{} - r.saved));
    const std::string price =
        r.core_hours > 0 ? say(" and cost {} more", core_hours_text(r.core_hours)) : std::string();
    return {"more_nodes_not_worth_it",
            say("{} {}{}", plural(r.nodes, "node", "nodes"), effect, price),
            {count("nodes", r.nodes), seconds("wall_seconds", r.wall),
             seconds("saved_seconds", r.saved), number("core_hours", r.core_hours)}};
}
Rendered render(const reason::QueueCounted& r) {
    const std::string nodes = plural(r.nodes, "node", "nodes");
    const std::string other =
        r.other_nodes == 0
            ? std::string()
            : say("; {} would start in {} and end in {}", plural(r.other_nodes, "node", "nodes"),
                  to_text(r.other_queue), to_text(r.other_turnaround));
    return {"queue_counted",
            say("by Slurm's estimate the job starts in {} on {} and ends in {}{}", to_text(r.queue),
                nodes, to_text(r.turnaround), other),
            {count("nodes", r.nodes), seconds("queue_seconds", r.queue),
             seconds("turnaround_seconds", r.turnaround), count("other_nodes", r.other_nodes),
             seconds("other_queue_seconds", r.other_queue),
             seconds("other_turnaround_seconds", r.other_turnaround)}};
}
Rendered render(const reason::NodeLimit& r) {
    return {"node_limit",
            say("at most {}: {}", plural(r.limit, "node", "nodes"), r.source),
            {count("limit", r.limit), word("source", r.source)}};
}
Rendered render(const reason::CoreLimit& r) {
    return {"core_limit",
            say("at most {} of a node ({}): {}", plural(r.cores, "core", "cores"),
                plural(r.cpus, "CPU", "CPUs"), r.source),
            {count("cores", r.cores), count("cpus", r.cpus), word("source", r.source)}};
}
Rendered render(const reason::WeakestNodePlanned& r) {
    return {
        "weakest_node_planned",
        say("any of {} node classes may be granted, so planned for what each of them has: {} "
            "(class {}) of {} ({}),"
            " {} ({})",
            r.classes, plural(r.cores, "core", "cores"), r.fewest_cores,
            plural(r.threads_per_core, "thread", "threads"), r.fewest_threads, to_text(r.memory),
            r.least_memory),
        {count("classes", r.classes), count("cores", r.cores),
         word("fewest_cores_class", r.fewest_cores), count("threads_per_core", r.threads_per_core),
         word("fewest_threads_class", r.fewest_threads), bytes("memory_bytes", r.memory),
         word("least_memory_class", r.least_memory)}};
}
Rendered render(const reason::ClassChosen& r) {
    return {"class_chosen",
            say("nodes of class {}, by --constraint={}", r.node_class, r.feature),
            {word("node_class", r.node_class), word("feature", r.feature)}};
}

// --- chunks ---

Rendered render(const reason::ChunksBalance& r) {
    return {"chunks_balance",
            say("chunks by {}: {}, the first of {} ({})", name_of(r.schedule),
                plural(r.chunks, "chunk", "chunks"), plural(r.first, "item", "items"),
                to_text(r.chunk_time)),
            {word("schedule", name_of(r.schedule)), count("first_items", r.first),
             count("chunks", r.chunks), seconds("chunk_seconds", r.chunk_time)}};
}
Rendered render(const reason::OneItemPerChunk& r) {
    return {"one_item_per_chunk",
            say("items are handed out one by one: at {} each that costs nothing and balances best",
                to_text(r.item)),
            {seconds("item_seconds", r.item)}};
}

// --- serial ---

Rendered render(const reason::ParallelTooDear& r) {
    return {
        "parallel_too_dear",
        say("one after another takes {}; {} would take {}, of which {} to start", to_text(r.serial),
            plural(r.workers, "worker", "workers"), to_text(r.parallel), to_text(r.overhead)),
        {seconds("serial_seconds", r.serial), seconds("parallel_seconds", r.parallel),
         seconds("overhead_seconds", r.overhead), count("workers", r.workers)}};
}
Rendered render(const reason::NothingToSplit& r) {
    return {"nothing_to_split",
            say("{}: nothing to run side by side", plural(r.items, "item", "items")),
            {count("items", r.items)}};
}

// --- memory and time ---

Rendered render(const reason::MemoryCeiling& r) {
    return {
        "memory_ceiling",
        say("memory: {} a worker, {} of {} kept free: {} {} a node{}", to_text(r.per_worker),
            to_text(r.headroom), to_text(r.available), plural(r.ceiling, "worker", "workers"),
            r.ceiling == 1 ? "fits" : "fit", r.binding ? ", fewer than the cores could take" : ""),
        {count("ceiling_workers", r.ceiling),
         bytes("per_worker_bytes", r.per_worker),
         bytes("available_bytes", r.available),
         share("headroom", r.headroom),
         {"binding", r.binding}}};
}
Rendered render(const reason::MemoryFromSamples& r) {
    std::string text =
        say("memory: {} a worker covers {} of items with confidence {:.2f} ({}",
            to_text(r.per_worker), to_text(r.coverage), r.confidence.value, r.method);
    text += r.samples_missing > 0
                ? say("; {} more would need no such assumption)", r.samples_missing)
                : std::string(")");
    text += say("; the next item exceeds it with a chance of {} at most", to_text(r.risk));
    return {
        "memory_from_samples",
        text,
        {bytes("per_worker_bytes", r.per_worker), share("coverage", r.coverage),
         share("confidence", r.confidence), word("method", r.method), count("samples", r.samples),
         count("samples_missing", r.samples_missing), share("risk", r.risk)}};
}
Rendered render(const reason::MemoryRisk& r) {
    return {"memory_risk",
            say("{} {} a chance of {} that an item needs more memory than any of them; {} more "
                "would bring it"
                " to {}",
                plural(r.samples, "sample", "samples"), r.samples == 1 ? "leaves" : "leave",
                to_text(r.risk), r.samples_missing, to_text(r.wanted)),
            {share("risk", r.risk), share("wanted_risk", r.wanted), count("samples", r.samples),
             count("samples_missing", r.samples_missing)}};
}
Rendered render(const reason::MemoryOfRank& r) {
    return {
        "memory_of_rank",
        say("memory: {} a rank ({}); a node of {} with {} kept free holds {}", to_text(r.per_rank),
            r.method, to_text(r.available), to_text(r.headroom), to_text(std::int64_t{r.ceiling})),
        {bytes("per_rank_bytes", r.per_rank), word("method", r.method),
         count("ceiling_ranks", r.ceiling), bytes("available_bytes", r.available),
         share("headroom", r.headroom)}};
}
Rendered render(const reason::MemoryGiven& r) {
    return {"memory_given",
            say("memory: {} a worker, as the manifest says", to_text(r.per_worker)),
            {bytes("per_worker_bytes", r.per_worker)}};
}
Rendered render(const reason::MemoryUnknown& r) {
    return {"memory_unknown",
            say("memory was not measured: {} a node, in proportion to the cores taken",
                to_text(r.per_node)),
            {bytes("per_node_bytes", r.per_node)}};
}
Rendered render(const reason::MemoryRoundedToShare& r) {
    return {"memory_rounded_to_share",
            say("memory: {} would do; {} asked for, in proportion to the cores taken",
                to_text(r.needed), to_text(r.share)),
            {bytes("needed_bytes", r.needed), bytes("share_bytes", r.share)}};
}
Rendered render(const reason::TimeLimitFromPrediction& r) {
    return {"time_limit_from_prediction",
            say("time: {} is exceeded with a chance of {}{}; rounded up to {}",
                to_text(r.predicted), to_text(r.risk),
                r.slack > Fraction{0}
                    ? say(", {} of it in case the given times are too short", to_text(r.slack))
                    : "",
                to_text(r.limit)),
            {seconds("predicted_seconds", r.predicted), seconds("limit_seconds", r.limit),
             share("risk", r.risk), share("slack", r.slack)}};
}
Rendered render(const reason::TimeLimitCapped& r) {
    const bool will = r.expected > r.limit;
    return {"time_limit_capped",
            say("{} {}, but {} allows {}: the run {} be cut off; submit the script again and it "
                "takes up where it"
                " stopped",
                to_text(will ? r.expected : r.wanted), will ? "expected" : "wanted", r.source,
                to_text(r.limit), will ? "will" : "may"),
            {seconds("wanted_seconds", r.wanted), seconds("expected_seconds", r.expected),
             seconds("limit_seconds", r.limit), word("source", r.source)}};
}
Rendered render(const reason::TimeUnknown& r) {
    return {"time_unknown",
            say("item times are not known: the time limit is {}", to_text(r.limit)),
            {seconds("limit_seconds", r.limit)}};
}

// --- infeasible ---

Rendered render(const reason::ItemTooLarge& r) {
    const Bytes usable = r.available * (1 - r.headroom.value);
    return {"item_too_large",
            say("one worker needs {}, a node of class {} offers {} ({} with {} kept free): a node "
                "with {} would do",
                to_text(r.per_worker), r.node_class, to_text(r.available), to_text(usable),
                to_text(r.headroom), to_text(r.per_worker / (1 - r.headroom.value))),
            {bytes("per_worker_bytes", r.per_worker), bytes("available_bytes", r.available),
             bytes("usable_bytes", usable), word("node_class", r.node_class),
             share("headroom", r.headroom)}};
}
Rendered render(const reason::ThreadsTooMany& r) {
    return {
        "threads_too_many",
        say("a worker of {} does not fit a node of class {} with {}: lower resources.threads",
            plural(r.threads, "thread", "threads"), r.node_class, plural(r.cores, "core", "cores")),
        {count("threads", r.threads), count("cores", r.cores), word("node_class", r.node_class)}};
}
Rendered render(const reason::GpusMissing& r) {
    return {"gpus_missing",
            say("a worker asks for {}, a node has {}", plural(r.gpus, "GPU", "GPUs"), r.available),
            {count("gpus", r.gpus), count("available", r.available)}};
}
Rendered render(const reason::TimeTooShort& r) {
    return {"time_too_short",
            say("one item alone takes {} on these nodes, the time limit is {}: raise limits.time "
                "or choose another partition",
                to_text(r.longest), to_text(r.limit)),
            {seconds("longest_seconds", r.longest), seconds("limit_seconds", r.limit)}};
}
Rendered render(const reason::TimeLimitBelowMinute& r) {
    return {"time_limit_below_minute",
            say("the time limit is {}, but Slurm counts whole minutes: raise it to 1 min or more",
                to_text(r.limit)),
            {seconds("limit_seconds", r.limit)}};
}
Rendered render(const reason::NoNodeMatches& r) {
    return {"no_node_matches",
            say("no node of partition {} has the feature {}", r.partition, r.constraint),
            {word("partition", r.partition), word("constraint", r.constraint)}};
}
Rendered render(const reason::NoSuchPartition& r) {
    return {"no_such_partition",
            say("there is no partition {}; known: {}", r.wanted, fmt::join(r.known, ", ")),
            {word("wanted", r.wanted), word("known", say("{}", fmt::join(r.known, ",")))}};
}

// --- what the reader should know ---

Rendered render(const reason::FewSamples& r) {
    return {"few_samples",
            say("{} only, spread {}: the time is uncertain, and the 95 % figure says by how much",
                plural(r.samples, "sample", "samples"), to_text(r.cv)),
            {count("samples", r.samples), share("cv", r.cv)}};
}
Rendered render(const reason::SamplesTrend& r) {
    return {"samples_trend",
            say("items at the end of the list take {} x as long as those at its start",
                to_text(r.ratio)),
            {number("ratio", r.ratio)}};
}
Rendered render(const reason::ItemsFailedInSample& r) {
    return {"items_failed_in_sample",
            say("{} failed in the sample", plural(r.failed, "item", "items")),
            {count("failed", r.failed)}};
}
Rendered render(const reason::ItemsUnfinished& r) {
    return {"items_unfinished",
            say("{} ended unfinished after {}: how much longer {} is not known, so the job may "
                "take longer too",
                r.items == 1 ? "an item of the sample was"
                             : say("{} items of the sample were", to_text(std::int64_t{r.items})),
                to_text(r.at_least), r.items == 1 ? "it takes" : "they take"),
            {count("items", r.items), seconds("at_least_seconds", r.at_least)}};
}
Rendered render(const reason::NotMeasured& r) {
    return {"not_measured",
            say("{}: not measured, assumed {}", r.what, r.assumed),
            {word("what", r.what), word("assumed", r.assumed)}};
}
Rendered render(const reason::SpansDomains& r) {
    return {"spans_domains",
            say("a worker needs {}, a NUMA domain has {}: workers will reach into other domains",
                to_text(r.per_worker), to_text(r.domain)),
            {bytes("per_worker_bytes", r.per_worker), bytes("domain_bytes", r.domain)}};
}
Rendered render(const reason::ScalingUnknown& r) {
    const std::string time =
        r.time_known ? "the time is that of the known run, whatever its ranks were; " : "";
    return {"scaling_unknown",
            say("how the program scales was not measured: {}run it on half of these {} and compare",
                time, plural(r.ranks, "rank", "ranks")),
            {count("ranks", r.ranks)}};
}
Rendered render(const reason::SampleTooDear& r) {
    return {
        "sample_too_dear",
        r.saving > Seconds{0}
            ? say("sampling stopped after {}: running in parallel saves {} only", to_text(r.cost),
                  to_text(r.saving))
            : say("sampling stopped after {}: running in parallel saves nothing", to_text(r.cost)),
        {seconds("cost_seconds", r.cost), seconds("saving_seconds", r.saving)}};
}

// --- against an alternative ---

Rendered render(const reason::Slower& r) {
    return {"slower", say("{} slower", to_text(r.by)), {seconds("by_seconds", r.by)}};
}
Rendered render(const reason::Dearer& r) {
    return {"dearer",
            say("{} more", core_hours_text(r.core_hours)),
            {number("by_core_hours", r.core_hours)}};
}
Rendered render(const reason::NoFaster& r) {
    const std::string text =
        r.core_hours > 0 ? say("saves {} for {} more", to_text(r.by), core_hours_text(r.core_hours))
                         : say("saves {}, less than the prediction can tell apart", to_text(r.by));
    return {
        "no_faster", text, {seconds("saved_seconds", r.by), number("by_core_hours", r.core_hours)}};
}
Rendered render(const reason::OverLimit& r) {
    return {"over_limit",
            say("over the limit of {}", plural(r.limit, "node", "nodes")),
            {count("nodes", r.nodes), count("limit", r.limit)}};
}

Rendered render_any(const Reason& reason) {
    return std::visit([](const auto& one) { return render(one); }, reason);
}

}  // namespace

std::string code(const Reason& reason) {
    return render_any(reason).code;
}
std::string text(const Reason& reason) {
    return render_any(reason).text;
}
std::vector<Figure> figures(const Reason& reason) {
    return render_any(reason).figures;
}

}  // namespace amorsize
