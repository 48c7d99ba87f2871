#include "advisor/core/job_array.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <vector>

#include "advisor/core/advise.hpp"
#include "advisor/core/candidate.hpp"
#include "advisor/core/makespan.hpp"
#include "advisor/core/node_offer.hpp"
#include "advisor/core/reasons_for.hpp"
#include "advisor/core/statistics.hpp"
#include "advisor/core/strategy.hpp"
#include "advisor/core/text.hpp"

namespace amorsize {

namespace {

constexpr Seconds kStartOfElement{2};  // from the end of one to the start of the next in its place
constexpr double kWorthwhileStarts = 0.05;  // of an element's time
constexpr int kRounds[] = {4, 2, 1};
constexpr int kMaxArraySize = 1001;  // Slurm's default, where the cluster does not tell
constexpr int kQuantiles = 64;
constexpr double kNormal95 = 1.6449;

bool can_be_array(const Manifest& manifest, const Cluster& cluster) {
    return cluster.slurm_version && manifest.kind == JobKind::tasks &&
           manifest.mode != Mode::program && manifest.strategy != StrategyChoice::job;
}

bool has_no_times(const Advice& advice) {
    return !advice.plan->predicted.item_times;
}

/// What one element is planned as.
std::optional<Advice> advise_element(const Manifest& manifest, const Cluster& cluster,
                                     const JobProfile& profile, std::int64_t items,
                                     std::uint64_t seed) {
    Manifest one_node = manifest;
    one_node.limits.nodes = 1;
    JobProfile share = profile;
    share.items = items;
    share.part_of_list = true;
    Advice element = advise(one_node, cluster, share, seed);
    if (!element.plan || element.plan->request.pieces) return std::nullopt;
    return element;
}

/// An array on one node at a time is no sooner than a job on it.
bool can_gain(const std::vector<NodeOffer>& offers) {
    return std::any_of(offers.begin(), offers.end(),
                       [](const NodeOffer& offer) { return offer.nodes_allowed > 1; });
}

/// Nodes that one job like the element may have at once.
int nodes_at_once(const Manifest& manifest, const std::vector<NodeOffer>& offers,
                  const Request& element) {
    int most = 1;
    for (const NodeOffer& offer : offers) {
        const bool same = offer.partition == element.partition &&
                          (manifest.limits.constraint || offer.constraint == element.constraint);
        if (same) most = std::max(most, offer.nodes_allowed);
    }
    return most;
}

std::int64_t share_of(std::int64_t items, std::int64_t elements) {
    return (items + elements - 1) / elements;
}

/// All elements on `at_once` nodes. They differ as their own p50 and p95 say, less what the nodes
/// do, which the p50 of a job has not in it either; that all of them are misjudged alike is what
/// the p95 of the whole allows for.
WallTime wall_of(const ArrayPlan& array, Fraction node_spread, Fraction risk, std::uint64_t seed) {
    const Seconds each = array.element.p50 + kStartOfElement;
    const double ratio = std::max(array.element.p95 / array.element.p50, 1.0);
    const double of_all = std::log(ratio) / kNormal95;
    Crew one_node;
    one_node.node_spread = node_spread;
    const double of_nodes = pace_error(one_node);
    const double deviation = std::sqrt(std::max(0.0, of_all * of_all - of_nodes * of_nodes));
    Workload elements;
    elements.items = array.elements;
    elements.times_known = elements.distribution_given = true;
    for (int i = 0; i < kQuantiles; ++i)
        elements.seconds.push_back(each.value *
                                   std::exp(deviation * normal_quantile((i + 0.5) / kQuantiles)));
    elements.mean_seconds = mean(elements.seconds);
    elements.cv = standard_deviation(elements.seconds) / elements.mean_seconds;
    Crew nodes;
    nodes.workers = array.at_once;
    nodes.schedule = Schedule::fixed;
    const Seconds whole =
        simulate_makespan(elements, nodes, risk, seed, Effort::prediction).wall.p50;
    return {whole, whole * ratio};
}

Prediction predict(const ArrayPlan& array, const Plan& element, std::int64_t items,
                   Fraction node_spread, const Manifest& manifest, std::uint64_t seed) {
    Prediction predicted = element.predicted;
    const double share = static_cast<double>(items) / static_cast<double>(array.items_each);
    predicted.wall = wall_of(array, node_spread, manifest.risk, seed);
    predicted.serial = element.predicted.serial * share;
    predicted.core_hours = element.predicted.core_hours * share;
    if (predicted.item_times) predicted.speedup = predicted.serial / predicted.wall.p50;
    return predicted;
}

Fact start_of_element() {
    return {"start of an array's element", to_text(kStartOfElement), Source::assumed,
            "default of the model"};
}

/// The reasons and facts of an element are the array's, but for the limit that makes it one node
/// and the number of items.
void tell_as_array(Advice& advice, const Manifest& manifest, std::int64_t items) {
    const ArrayPlan& array = *advice.plan->request.array;
    for (Fact& fact : advice.basis)
        if (fact.name == "items") fact.value = to_text(items);
    advice.verdict = Verdict::parallel;
    advice.alternatives.clear();
    drop_own_limits(advice.reasons, manifest);
    const Seconds each = has_no_times(advice) ? Seconds{} : array.element.p50;
    advice.basis.push_back(start_of_element());
    advice.reasons.insert(
        advice.reasons.begin(),
        reason::JobArray{array.elements, array.at_once, array.items_each, each, kStartOfElement});
}

bool is_serial(const Alternative& other) {
    return strategy_of(other.plan) == Strategy::serial;
}

}  // namespace

std::optional<Advice> advise_array(const Manifest& manifest, const Cluster& cluster,
                                   const JobProfile& profile, std::uint64_t seed) {
    if (!can_be_array(manifest, cluster) || profile.items < 2) return std::nullopt;
    const std::vector<NodeOffer> offers = find_offers(manifest, cluster, profile).offers;
    const bool asked = manifest.strategy == StrategyChoice::array;
    if (!asked && !can_gain(offers)) return std::nullopt;
    const auto first = advise_element(manifest, cluster, profile, profile.items, seed);
    const auto sized = first ? first : advise_element(manifest, cluster, profile, 1, seed);
    if (!sized || sized->plan->predicted.wall.p50 <= Seconds{0}) return std::nullopt;
    if (!asked && has_no_times(*sized)) return std::nullopt;  // nothing to tell it apart by
    const int nodes = nodes_at_once(manifest, offers, sized->plan->request);
    const std::int64_t most =
        std::min<std::int64_t>(profile.items, cluster.max_array_size.value_or(kMaxArraySize));
    const Fraction node_spread = costs_of(cluster, offers.front()).node_spread;
    std::optional<Advice> best;
    for (const int rounds : kRounds) {
        const std::int64_t elements = std::min<std::int64_t>(std::int64_t{rounds} * nodes, most);
        if (elements < 2) continue;
        ArrayPlan array;
        array.elements = static_cast<int>(elements);
        array.at_once = static_cast<int>(std::min<std::int64_t>(nodes, elements));
        array.items_each = share_of(profile.items, elements);
        if (best && best->plan->request.array->elements == array.elements) continue;
        std::optional<Advice> element =
            advise_element(manifest, cluster, profile, array.items_each, seed);
        if (!element) continue;
        array.element = element->plan->predicted.wall;
        const bool starts_pay = kStartOfElement <= array.element.p50 * kWorthwhileStarts;
        if (rounds > 1 && !starts_pay) continue;
        Plan& plan = *element->plan;
        plan.predicted = predict(array, plan, profile.items, node_spread, manifest, seed);
        plan.request.array = array;
        const bool better = !best || clearly_better(plan, *best->plan, manifest.goal);
        if (better) best = std::move(element);
    }
    if (best) tell_as_array(*best, manifest, profile.items);
    return best;
}

WallTime wall_as_nodes_free_up(const ArrayPlan& array, const std::map<int, Seconds>& waits) {
    if (waits.empty()) return array.element;
    std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
    Seconds latest;
    for (int node = 1; node <= array.at_once; ++node) {
        const auto asked = waits.lower_bound(node);
        latest = std::max(latest, asked == waits.end() ? waits.rbegin()->second : asked->second);
        free_at.push(latest.value);
    }
    const double first = free_at.top();
    double end = first;
    for (int element = 0; element < array.elements; ++element) {
        const double ends = free_at.top() + (array.element.p50 + kStartOfElement).value;
        free_at.pop();
        free_at.push(ends);
        end = std::max(end, ends);
    }
    const double ratio = std::max(array.element.p95 / array.element.p50, 1.0);
    return {Seconds{end - first}, Seconds{(end - first) * ratio}};
}

Prediction predicted_of_element(const Plan& plan) {
    const ArrayPlan& array = *plan.request.array;
    Prediction predicted = plan.predicted;
    predicted.wall = array.element;
    predicted.serial = plan.predicted.serial / array.elements;
    predicted.core_hours = plan.predicted.core_hours / array.elements;
    if (predicted.item_times && predicted.wall.p50 > Seconds{0})
        predicted.speedup = predicted.serial / predicted.wall.p50;
    return predicted;
}

Advice beside_array(Advice job, const std::optional<Advice>& array, const Manifest& manifest) {
    if (!array) return job;
    if (!job.plan) return *array;
    const bool asked = manifest.strategy == StrategyChoice::array;
    const bool better = clearly_better(*array->plan, *job.plan, manifest.goal);
    if (!asked && job.verdict == Verdict::serial) return job;
    if (!asked && !better) {
        const auto place =
            std::find_if(job.alternatives.begin(), job.alternatives.end(), is_serial);
        job.alternatives.insert(place,
                                {*array->plan, against(*array->plan, *job.plan, manifest.goal)});
        job.basis.push_back(start_of_element());
        return job;
    }
    Advice chosen = *array;
    if (has_no_times(chosen)) return chosen;  // nothing to compare it by
    chosen.alternatives.push_back({*job.plan, against(*job.plan, *chosen.plan, manifest.goal)});
    for (const Alternative& other : job.alternatives) {
        const bool over = std::holds_alternative<reason::OverLimit>(other.against);
        chosen.alternatives.push_back(
            {other.plan, over ? other.against : against(other.plan, *chosen.plan, manifest.goal)});
    }
    return chosen;
}

}  // namespace amorsize
