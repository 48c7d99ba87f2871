#include "advisor/core/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advisor/core/chunking.hpp"
#include "advisor/core/strategy.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

template <class... Arguments>
std::string say(fmt::format_string<Arguments...> pattern, Arguments&&... arguments) {
    return fmt::format(pattern, std::forward<Arguments>(arguments)...);
}

// --- where the work runs ---

std::string words(const reason::RanksFollowDomains& r) {
    return r.ranks_per_node == r.domains
               ? say("{} a node: one per {}", counted(r.ranks_per_node, "rank"), r.level)
               : say("{} a node over {} {}s", counted(r.ranks_per_node, "rank"), r.domains,
                     r.level);
}
std::string words(const reason::OneRankPerNode& r) {
    return say("one rank a node over {} NUMA domains: {}", r.domains, r.why);
}
std::string words(const reason::OneWorkerPerCore& r) {
    return r.threads == 1 && r.workers == r.cores
               ? say("{} a node: one per physical core", counted(r.workers, "worker"))
               : say("{} of {} a node on {}", counted(r.workers, "worker"),
                     counted(r.threads, "thread"), counted(r.cores, "physical core"));
}
std::string words(const reason::RanksOfProgram& r) {
    const std::string each = r.threads == 1 ? "a core each" : say("{} cores each", r.threads);
    const std::string why = r.bound == "cores"
                                ? say("{} fill its {}", r.ranks == 1 ? "it does" : "they",
                                      counted(r.cores, "physical core"))
                                : say("more would not find {} of their own there", r.bound);
    return say("{} a node, {}: {}", counted(r.ranks, "rank"), each, why);
}
std::string words(const reason::NodesOfProgram& r) {
    return say(
        "{}, for limits.nodes names no other count and how the program scales is not "
        "known; {} could be had",
        counted(r.nodes, "node"), to_text(std::int64_t{r.available}));
}
std::string words(const reason::GpusLimit& r) {
    return say("{} a node: it has {}, a worker takes {}", counted(r.workers, "worker"),
               counted(r.gpus, "GPU"), r.gpus_per_worker);
}
std::string words(const reason::SecondThreadPays& r) {
    if (r.short_list) {
        return say(
            "both hardware threads of a core are used: the list is short, and what has ended "
            "leaves its core to the others (together they do {} x the work of one)",
            to_text(r.yield));
    }
    return say("both hardware threads of a core are used: together they do {} x the work of one",
               to_text(r.yield));
}
std::string words(const reason::SecondThreadRejected& r) {
    if (r.items_hinder) {
        return "one worker a core: items slow each other down already, and second hardware threads "
               "would only load more what they share";
    }
    if (!r.yield) {
        return "one worker a core: the gain of a second hardware thread was not measured";
    }
    return say("a second hardware thread on a core yields {} x, not worth it", to_text(*r.yield));
}
std::string words(const reason::BandwidthSaturates& r) {
    std::string text =
        say("{} of {} saturate {}: all together get no more done, by what {} side by side showed; "
            "{} {} taken, the others would add {}",
            r.cores, counted(r.of_cores, "core"),
            r.domains == 1 ? std::string("this domain")
                           : say("what these items share over {} NUMA domains", r.domains),
            r.tried, r.taken, r.taken == 1 ? "is" : "are",
            r.more > Fraction{0} ? say("{} at most", to_text(r.more)) : std::string("nothing"));
    if (r.streaming)
        text += say(" (memory bandwidth of a domain is full with {} that {} nothing but copy)",
                    counted(*r.streaming, "core"), *r.streaming == 1 ? "does" : "do");
    return text;
}
std::string words(const reason::ItemsWait& r) {
    std::string text =
        say("items wait: CPU time is {} of wall time, so {} a node share {}", to_text(r.cpu_share),
            counted(r.workers_per_node, "worker"), counted(r.cores, "core"));
    text += r.shown > 0 ? say("; seen side by side up to {}", r.shown)
                        : std::string("; not tried side by side");
    return text;
}
std::string words(const reason::CoRunSlowdown& r) {
    return say("{} side by side each ran {} x as long as alone", r.at_workers, to_text(r.factor));
}
std::string words(const reason::FewerItemsThanWorkers& r) {
    return say("{} for {}: no more workers than items", counted(r.items, "item"),
               counted(r.workers, "worker"));
}
std::string words(const reason::FewerWorkersAreEnough& r) {
    return say("{} finish as soon as {} would: the items come in whole rounds", r.workers,
               r.possible);
}
std::string words(const reason::NodesPayOff& r) {
    return say("{}: {}, where {} would take {}", counted(r.nodes, "node"), to_text(r.wall), r.fewer,
               to_text(r.wall_with_fewer));
}
std::string words(const reason::MoreNodesNotWorthIt& r) {
    const std::string effect = r.saved > Seconds{0}
                                   ? say("would save {}", to_text(r.saved))
                                   : say("would take {} longer", to_text(Seconds{} - r.saved));
    const std::string price =
        r.core_hours > 0 ? say(" and cost {} more", core_hours_text(r.core_hours)) : std::string();
    return say("{} {}{}", counted(r.nodes, "node"), effect, price);
}
std::string words(const reason::QueueCounted& r) {
    const std::string nodes = counted(r.nodes, "node");
    const std::string other =
        r.other_nodes == 0
            ? std::string()
            : say("; {} would start in {} and end in {}", counted(r.other_nodes, "node"),
                  to_text(r.other_queue), to_text(r.other_turnaround));
    return say("by Slurm's estimate the job starts in {} on {} and ends in {}{}", to_text(r.queue),
               nodes, to_text(r.turnaround), other);
}
std::string words(const reason::JobArray& r) {
    const std::string time = r.each > Seconds{0} ? " and " + to_text(r.each) : std::string();
    return say("an array of {}: {}{} each, {} at a time; Slurm is taken to need {} to start one",
               counted(r.elements, "job"), counted(r.items_each, "item"), time,
               to_text(std::int64_t{r.at_once}), to_text(r.start));
}
std::string words(const reason::NodeLimit& r) {
    return say("at most {}: {}", counted(r.limit, "node"), r.source);
}
std::string words(const reason::NodeMinimum& r) {
    return say("at least {}: {}", counted(r.least, "node"), r.source);
}
std::string words(const reason::CoreLimit& r) {
    return say("at most {} of a node ({}): {}", counted(r.cores, "core"), counted(r.cpus, "CPU"),
               r.source);
}
std::string words(const reason::UsableLimit& r) {
    return say("{} may be used: {}", r.allowed, r.source);
}
std::string words(const reason::WeakestNodePlanned& r) {
    return say(
        "any of {} node classes may be granted, so planned for what each of them has: {} "
        "(class {}) of {} ({}),"
        " {} ({})",
        r.classes, counted(r.cores, "core"), r.fewest_cores, counted(r.threads_per_core, "thread"),
        r.fewest_threads, to_text(r.memory), r.least_memory);
}
std::string words(const reason::ClassChosen& r) {
    return say("nodes of class {}, by --constraint={}", r.node_class, r.feature);
}
std::string words(const reason::ClassesLeftOut& r) {
    if (r.classes == 1)
        return say("nodes of class {} are left out: they have {}, one worker needs {}", r.first,
                   r.most, r.needed);
    return say(
        "nodes of class {} and of {} other{} are left out: they have {} at most, one worker "
        "needs {}",
        r.first, r.classes - 1, r.classes == 2 ? "" : "s", r.most, r.needed);
}

// --- chunks ---

std::string words(const reason::ChunksBalance& r) {
    return say("chunks by {}: {}, the first of {} ({})", name_of(r.schedule),
               counted(r.chunks, "chunk"), counted(r.first, "item"), to_text(r.chunk_time));
}
std::string words(const reason::OneItemPerChunk& r) {
    return say("items are handed out one by one: at {} each that costs nothing and balances best",
               to_text(r.item));
}

// --- serial ---

std::string words(const reason::ParallelTooDear& r) {
    return say("one after another takes {}; {} would take {}, of which {} to start",
               to_text(r.serial), counted(r.workers, "worker"), to_text(r.parallel),
               to_text(r.overhead));
}
std::string words(const reason::NothingToSplit& r) {
    return say("{}: nothing to run side by side", counted(r.items, "item"));
}

// --- memory and time ---

std::string words(const reason::MemoryCeiling& r) {
    return say("memory: {} a worker, {} of {} kept free: {} {} a node{}", to_text(r.per_worker),
               to_text(r.headroom), to_text(r.available), counted(r.ceiling, "worker"),
               r.ceiling == 1 ? "fits" : "fit",
               r.binding ? ", fewer than the cores could take" : "");
}
std::string words(const reason::MemoryFromSamples& r) {
    std::string text =
        say("memory: {} a worker covers {} of items with confidence {:.2f} ({}",
            to_text(r.per_worker), to_text(r.coverage), r.confidence.value, r.method);
    text += r.samples_missing > 0
                ? say("; {} more would need no such assumption)", r.samples_missing)
                : std::string(")");
    text += say("; the next item exceeds it with a chance of {} at most", to_text(r.risk));
    return text;
}
std::string words(const reason::MemoryFollowsInput& r) {
    std::string text =
        say("memory: {} a worker, for peaks grow with the input: a line through {} ({} for an "
            "empty one), read at the largest of all inputs, {}",
            to_text(r.per_worker), counted(r.samples, "sample"), to_text(r.base), to_text(r.input));
    if (r.sampled)
        text += say("; covers {} of items as large with confidence {:.2f}", to_text(r.coverage),
                    r.confidence.value);
    return text;
}
/// Of MemoryExtrapolated and TimeExtrapolated.
template <class Extrapolated>
std::string beyond_the_samples(const Extrapolated& r) {
    return say("the largest input, {}, is {} x the largest one sampled ({})", to_text(r.input),
               to_text(r.input / r.largest_sampled), to_text(r.largest_sampled));
}
std::string words(const reason::MemoryExtrapolated& r) {
    return say(
        "{}: {} a worker is drawn out from a line through the samples, and nothing is promised of "
        "it; sample that item, or set resources.memory",
        beyond_the_samples(r), to_text(r.per_worker));
}
std::string words(const reason::TimeExtrapolated& r) {
    return say(
        "{}: its time is drawn out from a line through the samples; sample that item to know it",
        beyond_the_samples(r));
}
std::string words(const reason::MemoryRisk& r) {
    return say(
        "{} {} a chance of {} that an item needs more memory than any of them; {} more "
        "would bring it"
        " to {}",
        counted(r.samples, "sample"), r.samples == 1 ? "leaves" : "leave", to_text(r.risk),
        r.samples_missing, to_text(r.wanted));
}
std::string words(const reason::MemoryOfRank& r) {
    return say("memory: {} a rank ({}); a node of {} with {} kept free holds {}",
               to_text(r.per_rank), r.method, to_text(r.available), to_text(r.headroom),
               to_text(std::int64_t{r.ceiling}));
}
std::string words(const reason::MemoryGrown& r) {
    return say("memory: {} a worker, because the last run was planned with {} and ran out of it",
               to_text(r.per_worker), to_text(r.killed_at));
}
std::string words(const reason::MemoryFromRuns& r) {
    return say(
        "memory: {} a worker, learned from {} ({} counts most); requests learned so would have "
        "cost less than those planned, and have been too little for {} of them",
        to_text(r.per_worker), counted(r.runs, "earlier run"), r.choice,
        r.short_of == 0 ? "none" : to_text(std::int64_t{r.short_of}));
}
std::string words(const reason::MemoryGiven& r) {
    return say("memory: {} a worker, as the manifest says", to_text(r.per_worker));
}
std::string words(const reason::MemoryInCommon& r) {
    return say(
        "memory: {} of a worker's {} are files that all map: {} a node for {}, which saves {}",
        to_text(r.of_worker), to_text(r.per_worker), to_text(r.once), counted(r.workers, "worker"),
        to_text(r.saved));
}
std::string words(const reason::MemoryUnknown& r) {
    return say("memory was not measured: {} a node, in proportion to the cores taken",
               to_text(r.per_node));
}
std::string words(const reason::MemoryRoundedToShare& r) {
    return say("memory: {} would do; {} asked for, in proportion to the cores taken",
               to_text(r.needed), to_text(r.share));
}
std::string words(const reason::TimeLimitFromPrediction& r) {
    return say("time: {} is exceeded with a chance of {}{}{}; rounded up to {}",
               to_text(r.predicted), to_text(r.alike),
               r.risk > r.alike ? " by items like those sampled" : "",
               r.slack > Fraction{0}
                   ? say(", {} of it in case the given times are too short", to_text(r.slack))
                   : "",
               to_text(r.limit));
}
std::string words(const reason::TimeRisk& r) {
    return say(
        "{} {} a chance of {} that a kind of item which makes up {} of the list was not seen: the "
        "time limit is kept with a chance of {} at least; {} more would make it {}",
        counted(r.samples, "sample"), r.samples == 1 ? "leaves" : "leave", to_text(r.unseen),
        to_text(r.kind), to_text(Fraction{1 - r.risk.value}), r.samples_missing,
        to_text(Fraction{1 - r.wanted.value}));
}
std::string words(const reason::TimeGrown& r) {
    return say("time: {}, because the last run ran into its limit of {}", to_text(r.limit),
               to_text(r.ran_out_at));
}
std::string words(const reason::TimeLimitCapped& r) {
    const bool will = r.expected > r.limit;
    return say(
        "{} {}, but {} allows {}: the run {} be cut off; submit the script again and it "
        "takes up where it"
        " stopped",
        to_text(will ? r.expected : r.wanted), will ? "expected" : "wanted", r.source,
        to_text(r.limit), will ? "will" : "may");
}
std::string words(const reason::SplitIntoPieces& r) {
    return say(
        "{} wanted, but {} allows {}: {} jobs at most, one after another, each takes up where the "
        "last stopped and starts no items in its last {}; the waits between them come on top",
        to_text(r.wanted), r.source, to_text(r.limit), r.most, to_text(r.lead));
}
std::string words(const reason::TimeUnknown& r) {
    return say("item times are not known: the time limit is {}", to_text(r.limit));
}

// --- infeasible ---

std::string words(const reason::ItemTooLarge& r) {
    const Bytes usable = r.available * (1 - r.headroom.value);
    return say(
        "one worker needs {}, a node of class {} offers {} ({} with {} kept free): a node "
        "with {} would do",
        to_text(r.per_worker), r.node_class, to_text(r.available), to_text(usable),
        to_text(r.headroom), to_text(r.per_worker / (1 - r.headroom.value)));
}
std::string words(const reason::ThreadsTooMany& r) {
    return say("a worker of {} does not fit a node of class {} with {}: lower resources.threads",
               counted(r.threads, "thread"), r.node_class, counted(r.cores, "core"));
}
std::string words(const reason::GpusMissing& r) {
    return say("a worker asks for {}, a node has {}", counted(r.gpus, "GPU"), r.available);
}
std::string words(const reason::TimeTooShort& r) {
    return say(
        "one item alone takes {} on these nodes, the time limit is {}: raise limits.time "
        "or choose another partition",
        to_text(r.longest), to_text(r.limit));
}
std::string words(const reason::TimeLimitBelowMinute& r) {
    return say("the time limit is {}, but Slurm counts whole minutes: raise it to 1 min or more",
               to_text(r.limit));
}
std::string words(const reason::BelowNodeMinimum& r) {
    const std::string why = r.by_manifest ? say("limits.nodes allows {}: raise it", r.allowed)
                                          : say("{} can be had: wait", r.allowed);
    return say("{} takes jobs of {} nodes and more, {} or choose another", r.source, r.least, why);
}
std::string words(const reason::FewerItemsThanNodes& r) {
    return say("{} takes jobs of {} nodes and more, {} cannot keep them busy: choose another",
               r.source, r.least, counted(r.items, "item"));
}
std::string words(const reason::NoNodeMatches& r) {
    return say("no node of partition {} has the feature {}", r.partition, r.constraint);
}
std::string words(const reason::NoSuchPartition& r) {
    return say("there is no partition {}; known: {}", r.wanted, fmt::join(r.known, ", "));
}

// --- what the reader should know ---

std::string words(const reason::FewSamples& r) {
    return say(
        "only {} timed, spread {}: the time is uncertain, and the 95 % figure says by how much",
        counted(r.samples, "item"), to_text(r.cv));
}
std::string words(const reason::SamplesTrend& r) {
    return say("items at the end of the list take {} x as long as those at its start",
               to_text(r.ratio));
}
std::string words(const reason::ItemsFailedInSample& r) {
    return say("{} failed in the sample", counted(r.failed, "item"));
}
std::string words(const reason::ItemsUnfinished& r) {
    return say(
        "{} ended unfinished after {}: how much longer {} is not known, so the job may "
        "take longer too",
        r.items == 1 ? "an item of the sample was"
                     : say("{} items of the sample were", to_text(std::int64_t{r.items})),
        to_text(r.at_least), r.items == 1 ? "it takes" : "they take");
}
std::string words(const reason::ItemTimeUnknown& r) {
    const std::string nodes = r.nodes_available > 1
                                  ? say("so {} filled and no time predicted",
                                        r.nodes == 1 ? "one node is" : say("{} nodes are", r.nodes))
                                  : "so no time is predicted";
    return say("item times are not known, {}: let a sample run, or give profile.seconds", nodes);
}
std::string words(const reason::NotMeasured& r) {
    return say("{}: not measured, assumed {}", r.what, r.assumed);
}
std::string words(const reason::CoresShared& r) {
    return say(
        "partition {} gives a core to up to {} jobs at once: the job may take as many times longer",
        r.partition, r.jobs);
}
std::string words(const reason::SpansDomains& r) {
    return say("a worker needs {}, a NUMA domain has {}: workers will reach into other domains",
               to_text(r.per_worker), to_text(r.domain));
}
std::string words(const reason::ScalingUnknown& r) {
    const std::string time =
        r.time_known ? "the time is that of the known run, whatever its ranks were; " : "";
    return say("how the program scales was not measured: {}run it on half of these {} and compare",
               time, counted(r.ranks, "rank"));
}
std::string change_text(const reason::HistoryNotUsed& r) {
    switch (r.change) {
        case Change::none:
            break;
        case Change::program:
            return "the program, or a file it is always given, has changed";
        case Change::arguments:
            return "the arguments differ in more than their numbers";
        case Change::input:
            return say("the median input is {} x that of the last", to_text(r.growth));
        case Change::behaviour:
            return say("the items tried took {} x the time of those then, or more memory",
                       to_text(r.growth));
    }
    return {};
}

std::string words(const reason::HistoryNotUsed& r) {
    return say("{} not relied on: {}", counted(r.runs, "earlier run"), change_text(r));
}
std::string words(const reason::SampleTooDear& r) {
    return r.saving > Seconds{0}
               ? say("sampling stopped after {}: running in parallel saves {} only",
                     to_text(r.cost), to_text(r.saving))
               : say("sampling stopped after {}: running in parallel saves nothing",
                     to_text(r.cost));
}
std::string words(const reason::ThreadsTaken& r) {
    return say("{} threads a worker: they make an item {} x as fast as one does", r.threads,
               to_text(r.faster));
}
std::string words(const reason::ThreadsNotTaken& r) {
    return say(
        "one thread a worker: {} threads make an item {} x as fast, and no plan with more "
        "threads {} by over {}",
        r.threads, to_text(r.faster), r.for_cost ? "costs less" : "ends sooner",
        to_text(Fraction{kTellApart}));
}
std::string words(const reason::SampleRunAgain& r) {
    return say(
        "the sample took {}, {} of the run, which repeats its items; sample.reuse: true "
        "keeps what they put out, if they leave nothing on the node's own disk",
        to_text(r.cost), to_text(r.of_run));
}

// --- against an alternative ---

std::string words(const reason::Slower& r) {
    return say("{} slower", to_text(r.by));
}
std::string words(const reason::Dearer& r) {
    return say("{} more", core_hours_text(r.core_hours));
}
std::string words(const reason::NoFaster& r) {
    const std::string saved = r.by > Seconds{0} ? say("saves {}", to_text(r.by)) : "as fast";
    return r.core_hours > 0 ? say("{} for {} more", saved, core_hours_text(r.core_hours))
                            : say("{}, less than the prediction can tell apart", saved);
}
std::string words(const reason::OverLimit& r) {
    return say("over the limit of {}", counted(r.limit, "node"));
}
std::string words(const reason::EndsTooLate& r) {
    return say("ends after the limit of {}", to_text(r.limit));
}
std::string words(const reason::NoTimeKnown&) {
    return "no time is known to compare it by";
}

}  // namespace

std::string text(const Reason& reason) {
    return std::visit([](const auto& one) { return words(one); }, reason);
}

}  // namespace amorsize
