#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advisor/core/chunking.hpp"
#include "advisor/core/explain.hpp"

namespace amorsize {

namespace {

/// A reason as data.
struct Record {
    std::string code;
    std::vector<Figure> figures;
};

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

// --- where the work runs ---

Record record(const reason::RanksFollowDomains& r) {
    return {"ranks_follow_domains",
            {count("ranks_per_node", r.ranks_per_node), count("domains", r.domains),
             word("level", r.level)}};
}
Record record(const reason::OneRankPerNode& r) {
    return {"one_rank_per_node", {count("domains", r.domains), word("why", r.why)}};
}
Record record(const reason::OneWorkerPerCore& r) {
    return {"one_worker_per_core",
            {count("workers", r.workers), count("cores", r.cores), count("threads", r.threads)}};
}
Record record(const reason::RanksOfProgram& r) {
    return {"ranks_of_program",
            {count("ranks_per_node", r.ranks), count("threads", r.threads), count("cores", r.cores),
             word("bound", r.bound)}};
}
Record record(const reason::NodesOfProgram& r) {
    return {"nodes_of_program", {count("nodes", r.nodes), count("available_nodes", r.available)}};
}
Record record(const reason::GpusLimit& r) {
    return {"gpus_limit",
            {count("workers", r.workers), count("gpus", r.gpus),
             count("gpus_per_worker", r.gpus_per_worker)}};
}
Record record(const reason::SecondThreadPays& r) {
    return {"second_thread_pays", {number("yield", r.yield)}};
}
Record record(const reason::SecondThreadRejected& r) {
    Record found{"second_thread_rejected", {}};
    if (r.yield) found.figures.push_back(number("yield", *r.yield));
    if (r.items_hinder) found.figures.push_back(count("items_hinder", 1));
    return found;
}
Record record(const reason::BandwidthSaturates& r) {
    Record found{
        "bandwidth_saturates",
        {count("cores", r.cores), count("of_cores", r.of_cores), count("domains", r.domains),
         count("taken_cores", r.taken), share("more", r.more), count("tried_workers", r.tried)}};
    if (r.streaming) found.figures.push_back(count("streaming_cores", *r.streaming));
    return found;
}
Record record(const reason::ItemsWait& r) {
    return {"items_wait",
            {share("cpu_share", r.cpu_share), count("workers_per_node", r.workers_per_node),
             count("cores", r.cores), count("shown_workers", r.shown)}};
}
Record record(const reason::CoRunSlowdown& r) {
    return {"co_run_slowdown", {count("at_workers", r.at_workers), number("factor", r.factor)}};
}
Record record(const reason::FewerItemsThanWorkers& r) {
    return {"fewer_items_than_workers", {count("items", r.items), count("workers", r.workers)}};
}
Record record(const reason::FewerWorkersAreEnough& r) {
    return {"fewer_workers_are_enough",
            {count("workers", r.workers), count("possible", r.possible)}};
}
Record record(const reason::NodesPayOff& r) {
    return {"nodes_pay_off",
            {count("nodes", r.nodes), seconds("wall_seconds", r.wall),
             count("fewer_nodes", r.fewer), seconds("wall_with_fewer_seconds", r.wall_with_fewer)}};
}
Record record(const reason::MoreNodesNotWorthIt& r) {
    return {"more_nodes_not_worth_it",
            {count("nodes", r.nodes), seconds("wall_seconds", r.wall),
             seconds("saved_seconds", r.saved), number("core_hours", r.core_hours)}};
}
Record record(const reason::QueueCounted& r) {
    return {"queue_counted",
            {count("nodes", r.nodes), seconds("queue_seconds", r.queue),
             seconds("turnaround_seconds", r.turnaround), count("other_nodes", r.other_nodes),
             seconds("other_queue_seconds", r.other_queue),
             seconds("other_turnaround_seconds", r.other_turnaround)}};
}
Record record(const reason::JobArray& r) {
    Record made{"job_array",
                {count("elements", r.elements), count("at_once", r.at_once),
                 count("items_each", r.items_each), seconds("start_seconds", r.start)}};
    if (r.each > Seconds{0}) made.figures.push_back(seconds("each_seconds", r.each));
    return made;
}
Record record(const reason::NodeLimit& r) {
    return {"node_limit", {count("limit", r.limit), word("source", r.source)}};
}
Record record(const reason::NodeMinimum& r) {
    return {"node_minimum", {count("least", r.least), word("source", r.source)}};
}
Record record(const reason::CoreLimit& r) {
    return {"core_limit",
            {count("cores", r.cores), count("cpus", r.cpus), word("source", r.source)}};
}
Record record(const reason::UsableLimit& r) {
    return {"usable_limit",
            {word("resource", r.of_memory ? "memory" : "cpus"), word("allowed", r.allowed),
             word("source", r.source)}};
}
Record record(const reason::WeakestNodePlanned& r) {
    return {
        "weakest_node_planned",
        {count("classes", r.classes), count("cores", r.cores),
         word("fewest_cores_class", r.fewest_cores), count("threads_per_core", r.threads_per_core),
         word("fewest_threads_class", r.fewest_threads), bytes("memory_bytes", r.memory),
         word("least_memory_class", r.least_memory)}};
}
Record record(const reason::ClassChosen& r) {
    return {"class_chosen", {word("node_class", r.node_class), word("feature", r.feature)}};
}
Record record(const reason::ClassesLeftOut& r) {
    return {"classes_left_out",
            {word("first_class", r.first), count("classes", r.classes), word("needed", r.needed),
             word("most", r.most)}};
}

// --- chunks ---

Record record(const reason::ChunksBalance& r) {
    return {"chunks_balance",
            {word("schedule", name_of(r.schedule)), count("first_items", r.first),
             count("chunks", r.chunks), seconds("chunk_seconds", r.chunk_time)}};
}
Record record(const reason::OneItemPerChunk& r) {
    return {"one_item_per_chunk", {seconds("item_seconds", r.item)}};
}

// --- serial ---

Record record(const reason::ParallelTooDear& r) {
    return {"parallel_too_dear",
            {seconds("serial_seconds", r.serial), seconds("parallel_seconds", r.parallel),
             seconds("overhead_seconds", r.overhead), count("workers", r.workers)}};
}
Record record(const reason::NothingToSplit& r) {
    return {"nothing_to_split", {count("items", r.items)}};
}

// --- memory and time ---

Record record(const reason::MemoryCeiling& r) {
    return {"memory_ceiling",
            {count("ceiling_workers", r.ceiling),
             bytes("per_worker_bytes", r.per_worker),
             bytes("available_bytes", r.available),
             share("headroom", r.headroom),
             {"binding", r.binding}}};
}
Record record(const reason::MemoryFromSamples& r) {
    return {
        "memory_from_samples",
        {bytes("per_worker_bytes", r.per_worker), share("coverage", r.coverage),
         share("confidence", r.confidence), word("method", r.method), count("samples", r.samples),
         count("samples_missing", r.samples_missing), share("risk", r.risk)}};
}
Record record(const reason::MemoryFollowsInput& r) {
    return {"memory_follows_input",
            {bytes("per_worker_bytes", r.per_worker), bytes("base_bytes", r.base),
             bytes("input_bytes", r.input), share("coverage", r.coverage),
             share("confidence", r.confidence), count("samples", r.samples)}};
}
Record record(const reason::MemoryExtrapolated& r) {
    return {"memory_extrapolated",
            {bytes("input_bytes", r.input), bytes("largest_sampled_bytes", r.largest_sampled),
             bytes("per_worker_bytes", r.per_worker)}};
}
Record record(const reason::TimeExtrapolated& r) {
    return {"time_extrapolated",
            {bytes("input_bytes", r.input), bytes("largest_sampled_bytes", r.largest_sampled)}};
}
Record record(const reason::MemoryRisk& r) {
    return {"memory_risk",
            {share("risk", r.risk), share("wanted_risk", r.wanted), count("samples", r.samples),
             count("samples_missing", r.samples_missing)}};
}
Record record(const reason::MemoryOfRank& r) {
    return {"memory_of_rank",
            {bytes("per_rank_bytes", r.per_rank), word("method", r.method),
             count("ceiling_ranks", r.ceiling), bytes("available_bytes", r.available),
             share("headroom", r.headroom)}};
}
Record record(const reason::MemoryGrown& r) {
    return {"memory_grown",
            {bytes("per_worker_bytes", r.per_worker), bytes("killed_at_bytes", r.killed_at)}};
}
Record record(const reason::MemoryFromRuns& r) {
    return {"memory_from_runs",
            {bytes("per_worker_bytes", r.per_worker), count("runs", r.runs),
             count("short_of", r.short_of), word("choice", r.choice)}};
}
Record record(const reason::MemoryGiven& r) {
    return {"memory_given", {bytes("per_worker_bytes", r.per_worker)}};
}
Record record(const reason::MemoryInCommon& r) {
    return {
        "memory_in_common",
        {bytes("of_worker_bytes", r.of_worker), bytes("per_worker_bytes", r.per_worker),
         bytes("once_bytes", r.once), count("workers", r.workers), bytes("saved_bytes", r.saved)}};
}
Record record(const reason::MemoryUnknown& r) {
    return {"memory_unknown", {bytes("per_node_bytes", r.per_node)}};
}
Record record(const reason::MemoryRoundedToShare& r) {
    return {"memory_rounded_to_share",
            {bytes("needed_bytes", r.needed), bytes("share_bytes", r.share)}};
}
Record record(const reason::TimeLimitFromPrediction& r) {
    return {"time_limit_from_prediction",
            {seconds("predicted_seconds", r.predicted), seconds("limit_seconds", r.limit),
             share("alike_risk", r.alike), share("risk", r.risk), share("slack", r.slack)}};
}
Record record(const reason::TimeRisk& r) {
    return {"time_risk",
            {share("risk", r.risk), share("wanted_risk", r.wanted), share("unseen", r.unseen),
             share("kind", r.kind), count("samples", r.samples),
             count("samples_missing", r.samples_missing)}};
}
Record record(const reason::TimeGrown& r) {
    return {"time_grown",
            {seconds("limit_seconds", r.limit), seconds("ran_out_at_seconds", r.ran_out_at)}};
}
Record record(const reason::TimeLimitCapped& r) {
    return {"time_limit_capped",
            {seconds("wanted_seconds", r.wanted), seconds("expected_seconds", r.expected),
             seconds("limit_seconds", r.limit), word("source", r.source)}};
}
Record record(const reason::SplitIntoPieces& r) {
    return {"split_into_pieces",
            {seconds("wanted_seconds", r.wanted), seconds("limit_seconds", r.limit),
             count("most", r.most), seconds("lead_seconds", r.lead), word("source", r.source)}};
}
Record record(const reason::TimeUnknown& r) {
    return {"time_unknown", {seconds("limit_seconds", r.limit)}};
}

// --- infeasible ---

Record record(const reason::ItemTooLarge& r) {
    const Bytes usable = r.available * (1 - r.headroom.value);
    return {"item_too_large",
            {bytes("per_worker_bytes", r.per_worker), bytes("available_bytes", r.available),
             bytes("usable_bytes", usable), word("node_class", r.node_class),
             share("headroom", r.headroom)}};
}
Record record(const reason::ThreadsTooMany& r) {
    return {
        "threads_too_many",
        {count("threads", r.threads), count("cores", r.cores), word("node_class", r.node_class)}};
}
Record record(const reason::GpusMissing& r) {
    return {"gpus_missing", {count("gpus", r.gpus), count("available", r.available)}};
}
Record record(const reason::TimeTooShort& r) {
    return {"time_too_short",
            {seconds("longest_seconds", r.longest), seconds("limit_seconds", r.limit)}};
}
Record record(const reason::TimeLimitBelowMinute& r) {
    return {"time_limit_below_minute", {seconds("limit_seconds", r.limit)}};
}
Record record(const reason::BelowNodeMinimum& r) {
    return {"below_node_minimum",
            {count("least", r.least), word("source", r.source), count("allowed", r.allowed),
             word("allowed_by", r.by_manifest ? "limits.nodes" : "nodes that take jobs")}};
}
Record record(const reason::FewerItemsThanNodes& r) {
    return {"fewer_items_than_nodes",
            {count("items", r.items), count("least", r.least), word("source", r.source)}};
}
Record record(const reason::NoNodeMatches& r) {
    return {"no_node_matches", {word("partition", r.partition), word("constraint", r.constraint)}};
}
Record record(const reason::NoSuchPartition& r) {
    return {"no_such_partition",
            {word("wanted", r.wanted), word("known", fmt::format("{}", fmt::join(r.known, ",")))}};
}

// --- what the reader should know ---

Record record(const reason::FewSamples& r) {
    return {"few_samples", {count("samples", r.samples), share("cv", r.cv)}};
}
Record record(const reason::SamplesTrend& r) {
    return {"samples_trend", {number("ratio", r.ratio)}};
}
Record record(const reason::ItemsFailedInSample& r) {
    return {"items_failed_in_sample", {count("failed", r.failed)}};
}
Record record(const reason::ItemsUnfinished& r) {
    return {"items_unfinished", {count("items", r.items), seconds("at_least_seconds", r.at_least)}};
}
Record record(const reason::ItemTimeUnknown& r) {
    return {"item_time_unknown", {count("available_nodes", r.nodes_available)}};
}
Record record(const reason::NotMeasured& r) {
    return {"not_measured", {word("what", r.what), word("assumed", r.assumed)}};
}
Record record(const reason::CoresShared& r) {
    return {"cores_shared", {word("partition", r.partition), count("jobs", r.jobs)}};
}
Record record(const reason::SpansDomains& r) {
    return {"spans_domains",
            {bytes("per_worker_bytes", r.per_worker), bytes("domain_bytes", r.domain)}};
}
Record record(const reason::ScalingUnknown& r) {
    return {"scaling_unknown", {count("ranks", r.ranks)}};
}
const char* code_of(Change change) {
    switch (change) {
        case Change::none:
            return "none";
        case Change::program:
            return "program";
        case Change::arguments:
            return "arguments";
        case Change::input:
            return "input";
        case Change::behaviour:
            return "behaviour";
    }
    return "";
}

Record record(const reason::ThreadsTaken& r) {
    return {"threads_taken", {count("threads", r.threads), number("faster", r.faster)}};
}
Record record(const reason::ThreadsNotTaken& r) {
    return {"threads_not_taken", {count("threads", r.threads), number("faster", r.faster)}};
}
Record record(const reason::SampleRunAgain& r) {
    return {"sample_run_again",
            {seconds("cost_seconds", r.cost), number("share_of_run", r.of_run.value)}};
}
Record record(const reason::HistoryNotUsed& r) {
    return {"history_not_used",
            {word("change", code_of(r.change)), number("growth", r.growth), count("runs", r.runs)}};
}
Record record(const reason::SampleTooDear& r) {
    return {"sample_too_dear",
            {seconds("cost_seconds", r.cost), seconds("saving_seconds", r.saving)}};
}

// --- against an alternative ---

Record record(const reason::Slower& r) {
    return {"slower", {seconds("by_seconds", r.by)}};
}
Record record(const reason::Dearer& r) {
    return {"dearer", {number("by_core_hours", r.core_hours)}};
}
Record record(const reason::NoFaster& r) {
    return {"no_faster", {seconds("saved_seconds", r.by), number("by_core_hours", r.core_hours)}};
}
Record record(const reason::OverLimit& r) {
    return {"over_limit", {count("nodes", r.nodes), count("limit", r.limit)}};
}
Record record(const reason::EndsTooLate& r) {
    return {"ends_too_late", {seconds("limit_seconds", r.limit)}};
}
Record record(const reason::NoTimeKnown&) {
    return {"no_time_known", {}};
}

Record record_of(const Reason& reason) {
    return std::visit([](const auto& one) { return record(one); }, reason);
}

}  // namespace

std::string code(const Reason& reason) {
    return record_of(reason).code;
}
std::vector<Figure> figures(const Reason& reason) {
    return record_of(reason).figures;
}

}  // namespace amorsize
