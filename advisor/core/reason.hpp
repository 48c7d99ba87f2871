#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "advisor/core/past_runs.hpp"
#include "advisor/core/plan.hpp"
#include "advisor/core/units.hpp"

namespace amorsize {

// Each struct is one thing the advice can say, with the figures that make it true. Text and JSON
// are both made from these by explain.hpp.
namespace reason {

// --- where the work runs ---
struct RanksFollowDomains {
    int ranks_per_node;
    int domains;
    std::string level;
};  // "NUMA domain", "L3 cache"
struct OneRankPerNode {
    int domains;
    std::string why;  // not one for each of them
};
struct OneWorkerPerCore {
    int workers;
    int cores;
    int threads;
};
struct RanksOfProgram {  // kind mpi, of a node
    int ranks;
    int threads;
    int cores;
    std::string bound;  // bound: "cores", "memory", "GPUs"
};
struct NodesOfProgram {
    int nodes;
    int available;
};  // kind mpi, no limits.nodes
struct GpusLimit {
    int workers;
    int gpus;
    int gpus_per_worker;
};  // of a node
struct SecondThreadPays {
    double yield;
    bool short_list = false;  // cores whose item has ended go on with the others'
};
struct SecondThreadRejected {
    std::optional<double> yield;  // of arithmetic; absent: not measured
    bool items_hinder = false;    // each other already, with one thread a core
};
struct BandwidthSaturates {
    int cores;                     // that do as much, undisturbed, as all of the node together
    int of_cores;                  // it has
    int domains;                   // NUMA domains of it
    int taken;                     // by the plan, for those that share come near it only slowly
    Fraction more;                 // what all its cores would do beyond those taken
    int tried;                     // the widest co-run it is known by
    std::optional<int> streaming;  // cores of a domain that fill its memory bandwidth
};
struct ItemsWait {
    Fraction cpu_share;
    int workers_per_node;
    int cores;
    int shown;
};  // shown: the widest co-run that still helped, 0 if none was run
struct CoRunSlowdown {
    int at_workers;
    double factor;
};
struct FewerItemsThanWorkers {
    std::int64_t items;
    int workers;
};
struct FewerWorkersAreEnough {
    int workers;
    int possible;
};  // the same number of waves
struct NodesPayOff {
    int nodes;
    Seconds wall;
    int fewer;
    Seconds wall_with_fewer;
};
struct MoreNodesNotWorthIt {
    int nodes;
    Seconds wall;
    Seconds saved;
    double core_hours;
};  // core_hours: more than now
struct QueueCounted {
    int nodes;
    Seconds queue;
    Seconds turnaround;
    int other_nodes;
    Seconds other_queue;
    Seconds other_turnaround;
};  // other_nodes: 0 if no other layout was asked about
struct JobArray {
    int elements;
    int at_once;
    std::int64_t items_each;
    Seconds each;
    Seconds start;  // of an element by Slurm, assumed
};
struct NodeLimit {
    int limit;
    std::string source;
};
struct NodeMinimum {
    int least;
    std::string source;
};
struct CoreLimit {
    int cores;
    int cpus;
    std::string source;
};  // of a node; cpus: as Slurm counts them
struct UsableLimit {
    bool of_memory;
    std::string allowed;
    std::string source;
};                           // what keeps the job from all of a node
struct WeakestNodePlanned {  // of `classes` classes, and which has it
    int classes;
    int cores;
    std::string fewest_cores;
    Bytes memory;
    std::string least_memory;
    int threads_per_core;
    std::string fewest_threads;
};
struct ClassChosen {
    std::string node_class;
    std::string feature;
};
struct ClassesLeftOut {  // too small for one worker: no job that asks for one gets them
    std::string first;
    int classes;
    std::string needed;
    std::string most;  // that any of them has
};

// --- chunks ---
struct ChunksBalance {
    Schedule schedule;
    std::int64_t first;
    std::int64_t chunks;
    Seconds chunk_time;
};
struct OneItemPerChunk {
    Seconds item;
};

// --- serial ---
struct ParallelTooDear {
    Seconds serial;
    Seconds parallel;
    Seconds overhead;
    int workers;
};
struct NothingToSplit {
    std::int64_t items;
};

// --- memory and time ---
struct MemoryCeiling {
    int ceiling;
    Bytes per_worker;
    Bytes available;
    Fraction headroom;
    bool binding;
};
struct MemoryFromSamples {
    Bytes per_worker;
    Fraction coverage;
    Fraction confidence;
    std::string method;
    int samples;
    int samples_missing;
    Fraction risk;
};
struct MemoryFollowsInput {
    Bytes per_worker;
    Bytes base;   // of it, what an empty input would take
    Bytes input;  // the largest of all items
    Fraction coverage;
    Fraction confidence;
    int samples;
    bool sampled;  // items as large were among them: coverage and confidence hold
};
struct MemoryExtrapolated {
    Bytes input;
    Bytes largest_sampled;
    Bytes per_worker;
};  // by a line through the samples, beyond the last of them
struct TimeExtrapolated {
    Bytes input;
    Bytes largest_sampled;
};  // by a line through the samples, beyond the last of them
struct MemoryRisk {
    Fraction risk;
    Fraction wanted;
    int samples;
    int samples_missing;
};
struct MemoryOfRank {  // kind mpi; ceiling: ranks a node has room for
    Bytes per_rank;
    std::string method;
    int ceiling;
    Bytes available;
    Fraction headroom;
};
struct MemoryGrown {
    Bytes per_worker;
    Bytes killed_at;
};  // killed_at: what the last run was planned with and ran out of
struct MemoryFromRuns {
    Bytes per_worker;
    int runs;
    int short_of;
    std::string choice;
};  // short_of: runs after the first that a request learned from those before them would have
    // killed
struct MemoryGiven {
    Bytes per_worker;
};
struct MemoryInCommon {
    Bytes of_worker;
    Bytes per_worker;
    Bytes once;  // what a node is asked for them
    int workers;
    Bytes saved;
};  // pages that all workers of a node map
struct MemoryUnknown {
    Bytes per_node;
};  // no peak known: the share of the cores taken is asked for
struct MemoryRoundedToShare {
    Bytes needed;
    Bytes share;
};
struct TimeLimitFromPrediction {
    Seconds predicted;
    Seconds limit;
    Fraction alike;
    Fraction risk;
    Fraction slack;
};  // alike: by items like those sampled, risk: in all; slack: of predicted, for given times
struct TimeRisk {
    Fraction risk;
    Fraction wanted;
    Fraction unseen;
    Fraction kind;
    int samples;
    int samples_missing;
};  // unseen: chance that a kind of item, this share of the list, was not sampled
struct TimeGrown {
    Seconds limit;
    Seconds ran_out_at;
};
struct TimeLimitCapped {
    Seconds wanted;
    Seconds expected;
    Seconds limit;
    std::string source;
};
struct SplitIntoPieces {
    Seconds wanted;
    Seconds limit;
    int most;
    Seconds lead;  // each piece starts no items in the last so many seconds
    std::string source;
};
struct TimeUnknown {
    Seconds limit;
};

// --- infeasible ---
struct ItemTooLarge {
    Bytes per_worker;
    Bytes available;
    std::string node_class;
    Fraction headroom;
};
struct ThreadsTooMany {
    int threads;
    int cores;
    std::string node_class;
};
struct GpusMissing {
    int gpus;
    int available;
};
struct TimeTooShort {
    Seconds longest;
    Seconds limit;
};
struct TimeLimitBelowMinute {
    Seconds limit;
};
struct BelowNodeMinimum {
    int least;
    std::string source;  // of the minimum
    int allowed;
    bool by_manifest;  // limits.nodes allows no more; else no more take jobs
};
struct FewerItemsThanNodes {
    std::int64_t items;
    int least;
    std::string source;
};
struct NoNodeMatches {
    std::string partition;
    std::string constraint;
};
struct NoSuchPartition {
    std::string wanted;
    std::vector<std::string> known;
};

// --- what the reader should know ---
struct FewSamples {
    int samples;
    Fraction cv;
};
struct SamplesTrend {
    double ratio;
};  // last third of the list over the first
struct ItemsFailedInSample {
    int failed;
};
struct ItemsUnfinished {
    int items;
    Seconds at_least;
};  // at_least: the longest of them
struct ItemTimeUnknown {
    int nodes;
    int nodes_available;
};
struct NotMeasured {
    std::string what;
    std::string assumed;
};
struct CoresShared {
    std::string partition;
    int jobs;  // that may be given the same core
};
struct SpansDomains {
    Bytes per_worker;
    Bytes domain;
};
struct ScalingUnknown {
    int ranks;
    bool time_known;
};
struct SampleTooDear {
    Seconds cost;
    Seconds saving;
};
struct ThreadsTaken {
    int threads;
    double faster;  // an item, over one thread
};
struct ThreadsNotTaken {
    int threads;  // the most tried
    double faster;
    bool for_cost;  // else for time
};
struct SampleRunAgain {
    Seconds cost;
    Fraction of_run;
};
struct HistoryNotUsed {
    Change change;
    double growth;
    int runs;
};  // growth: of input or item time, now over then

// --- against an alternative ---
struct Slower {
    Seconds by;
};
struct Dearer {
    double core_hours;
};
struct NoFaster {
    Seconds by;
    double core_hours;
};
struct OverLimit {
    int nodes;
    int limit;
};
struct EndsTooLate {
    Seconds limit;
};                      // where the plan taken does not
struct NoTimeKnown {};  // to compare it by

}  // namespace reason

using Reason = std::variant<
    reason::RanksFollowDomains, reason::OneRankPerNode, reason::OneWorkerPerCore,
    reason::RanksOfProgram, reason::NodesOfProgram, reason::GpusLimit, reason::SecondThreadPays,
    reason::SecondThreadRejected, reason::BandwidthSaturates, reason::ItemsWait,
    reason::CoRunSlowdown, reason::FewerItemsThanWorkers, reason::FewerWorkersAreEnough,
    reason::NodesPayOff, reason::MoreNodesNotWorthIt, reason::QueueCounted, reason::JobArray,
    reason::NodeLimit, reason::NodeMinimum, reason::CoreLimit, reason::UsableLimit,
    reason::ItemTimeUnknown, reason::WeakestNodePlanned, reason::ClassChosen,
    reason::ClassesLeftOut, reason::ChunksBalance, reason::OneItemPerChunk, reason::ParallelTooDear,
    reason::NothingToSplit, reason::MemoryCeiling, reason::MemoryFromSamples,
    reason::MemoryFollowsInput, reason::MemoryExtrapolated, reason::TimeExtrapolated,
    reason::MemoryRisk, reason::MemoryOfRank, reason::MemoryGrown, reason::MemoryFromRuns,
    reason::MemoryGiven, reason::MemoryInCommon, reason::MemoryUnknown,
    reason::MemoryRoundedToShare, reason::TimeLimitFromPrediction, reason::TimeRisk,
    reason::TimeGrown, reason::TimeLimitCapped, reason::SplitIntoPieces, reason::TimeUnknown,
    reason::ItemTooLarge, reason::ThreadsTooMany, reason::GpusMissing, reason::TimeTooShort,
    reason::TimeLimitBelowMinute, reason::BelowNodeMinimum, reason::FewerItemsThanNodes,
    reason::NoNodeMatches, reason::NoSuchPartition, reason::FewSamples, reason::SamplesTrend,
    reason::ItemsFailedInSample, reason::ItemsUnfinished, reason::NotMeasured, reason::CoresShared,
    reason::SpansDomains, reason::ScalingUnknown, reason::SampleTooDear, reason::ThreadsTaken,
    reason::ThreadsNotTaken, reason::SampleRunAgain, reason::HistoryNotUsed, reason::Slower,
    reason::Dearer, reason::NoFaster, reason::OverLimit, reason::EndsTooLate, reason::NoTimeKnown>;

}  // namespace amorsize
