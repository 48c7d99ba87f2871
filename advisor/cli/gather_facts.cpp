#include "advisor/cli/gather_facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "advisor/cli/compute_node.hpp"
#include "advisor/cli/earlier_runs.hpp"
#include "advisor/cli/local_cluster.hpp"
#include "advisor/cli/slurm_cluster.hpp"
#include "advisor/cli/visit_plan.hpp"
#include "advisor/core/error.hpp"
#include "advisor/core/node_offer.hpp"
#include "advisor/core/text.hpp"
#include "advisor/io/cluster_reader.hpp"
#include "advisor/io/item_sizes.hpp"
#include "advisor/io/samples_reader.hpp"
#include "advisor/measure/topology_source.hpp"
#include "slurm/node_visit.hpp"

namespace amorsize::cli {

namespace {

/// Whether items are to be run to learn about the job.
bool wants_sample(const AdviseOptions& options, const Manifest& manifest) {
    return options.samples_file.empty() && !options.no_sample && !manifest.profile.seconds;
}

/// Whether a few items tell anything: one program on all ranks has none.
bool has_samples(const Manifest& manifest) {
    return manifest.kind == JobKind::tasks && manifest.mode != Mode::program &&
           manifest.sample.size > 0;
}

/// The times of items that failed say nothing of the job.
void require_some_success(const std::vector<Sample>& samples, const std::string& file) {
    std::set<int> codes;
    for (const Sample& sample : samples) codes.insert(sample.exit_code);
    if (samples.empty() || codes.contains(0)) return;
    throw Error(ExitCode::bad_input,
                fmt::format("{}: no item succeeded (exit codes: {})", file, fmt::join(codes, ", ")),
                "mend the command and measure again, or leave --samples out");
}

/// Takes out those of other threads than one, or than the manifest's where it names them.
std::vector<Sample> take_out_other_threads(std::vector<Sample>& samples,
                                           const Resources& resources) {
    const auto others =
        std::stable_partition(samples.begin(), samples.end(), [&resources](const Sample& sample) {
            return sample.threads == 0 || sample.threads == resources.threads;
        });
    std::vector<Sample> taken(std::make_move_iterator(others),
                              std::make_move_iterator(samples.end()));
    samples.erase(others, samples.end());
    return taken;
}

Observation given_samples(const AdviseOptions& options, const Resources& resources,
                          const ItemList& items) {
    Observation observed;
    observed.profile.items = items.size();
    if (options.samples_file.empty()) return observed;
    observed.profile.samples = read_samples(options.samples_file);
    require_some_success(observed.profile.samples, options.samples_file);
    observed.profile.failed = static_cast<int>(std::erase_if(
        observed.profile.samples, [](const Sample& sample) { return sample.exit_code != 0; }));
    std::vector<Sample> others = take_out_other_threads(observed.profile.samples, resources);
    if (observed.profile.samples.empty() && !others.empty()) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{}: no item ran with {}", options.samples_file,
                                counted(resources.threads, "thread")),
                    "the column threads says what each item had; leave it out where all had those "
                    "of the manifest");
    }
    if (resources.try_threads) {
        observed.profile.more_threads = std::move(others);
    } else if (!others.empty()) {
        observed.notes.push_back(fmt::format("{} of other threads left out of {}",
                                             counted(std::ssize(others), "sample"),
                                             options.samples_file));
    }
    observed.profile.source = Source::given;
    observed.profile.origin = options.samples_file;
    return observed;
}

Cluster cluster_without_slurm(const AdviseOptions& options, const Manifest& manifest,
                              const Surroundings& surroundings) {
    if (options.cluster_file.empty()) {
        const Probing probing = options.probe                     ? Probing::again
                                : wants_sample(options, manifest) ? Probing::if_needed
                                                                  : Probing::quick;
        return local_cluster(surroundings, probing);
    }
    return read_cluster(options.cluster_file, [](const std::string& source, bool is_file) {
        return is_file ? measure::topology_from_xml(source)
                       : measure::topology_from_synthetic(source);
    });
}

/// Where to look: most of the partition's cores are on nodes of this kind.
const NodeOffer& most_cores(const std::vector<NodeOffer>& offers) {
    const auto cores = [](const NodeOffer& offer) {
        const bool one_class = offer.reasons.empty() || !offer.constraint.empty();
        return one_class ? offer.nodes_available * static_cast<int>(offer.topology.cores.size())
                         : 0;
    };
    return *std::max_element(
        offers.begin(), offers.end(),
        [&](const NodeOffer& a, const NodeOffer& b) { return cores(a) < cores(b); });
}

/// What is known of the job from earlier runs on nodes like those of the offer.
EarlierRuns runs_on(const NodeOffer& offer, const Manifest& manifest, const ItemList& items,
                    const Surroundings& surroundings) {
    EarlierRuns runs =
        earlier_runs(manifest, items, offer.partition + "/" + offer.node_class, surroundings);
    // They ran with whatever threads were found best then.
    if (manifest.resources.try_threads) runs.past.reset();
    return runs;
}

std::optional<Expectation> expected_of(const EarlierRuns& runs) {
    return runs.past ? expected_items(*runs.past) : std::nullopt;
}

void take_in(EarlierRuns runs, bool sampled, GatheredFacts& facts) {
    facts.remembered_as = std::move(runs.instance);
    facts.observed.notes.insert(facts.observed.notes.end(), runs.notes.begin(), runs.notes.end());
    if (runs.past && sampled)
        facts.observed.profile =
            with_past(std::move(facts.observed.profile), std::move(*runs.past));
}

GatheredFacts facts_without_slurm(const AdviseOptions& options, const Manifest& manifest,
                                  const ItemList& items, const Surroundings& surroundings) {
    GatheredFacts facts;
    facts.cluster = cluster_without_slurm(options, manifest, surroundings);
    const Offers found = find_offers(manifest, facts.cluster);
    EarlierRuns runs;
    if (!found.offers.empty())
        runs = runs_on(most_cores(found.offers), manifest, items, surroundings);
    const bool sample = wants_sample(options, manifest);
    if (sample) {
        const NodeClass here = local_cluster(surroundings, Probing::quick).classes.front();
        facts.observed = observe_job(manifest, facts.cluster, items, here, options.seed,
                                     expected_of(runs), surroundings);
    } else {
        facts.observed = given_samples(options, manifest.resources, items);
    }
    take_in(std::move(runs), sample, facts);
    return facts;
}

Fact cost_of(const Visited& visited) {
    const std::string where = visited.sampled ? " on " + visited.sampled->node : std::string();
    return {"advice",
            fmt::format("{} on {} after {} in the queue", to_text(visited.held),
                        visited.nodes == 1 ? "one node" : fmt::format("{} nodes", visited.nodes),
                        to_text(visited.queued)),
            Source::measured, fmt::format("job {}{}", visited.job, where)};
}

void take_in(const Visited& visited, SlurmCluster& slurm, GatheredFacts& facts) {
    std::vector<std::string> notes;
    if (visited.measured) notes = slurm.take_in(*visited.measured);
    if (!visited.trouble.empty())
        notes.push_back("nodes were not measured, so their figures are assumed: " +
                        visited.trouble);
    if (visited.sampled && visited.sampled->observed) {
        facts.observed = *visited.sampled->observed;
        if (!facts.observed.profile.samples.empty()) {
            facts.observed.profile.origin += " on " + visited.sampled->node;
        }
    }
    facts.observed.notes.insert(facts.observed.notes.end(), notes.begin(), notes.end());
    facts.basis.push_back(cost_of(visited));
    if (visited.measured && !visited.measured->missing.empty()) {
        facts.basis.push_back({"nodes that did not answer", visited.measured->missing.text(),
                               Source::measured, "job " + visited.job});
    }
}

/// The classes that a job may be given nodes of, the offer's own first.
std::vector<VisitClass> classes_to_visit(const std::vector<NodeOffer>& offers,
                                         const NodeOffer& offer, const SlurmCluster& slurm) {
    std::vector<VisitClass> classes;
    for (const std::string& name : offers.front().classes) {
        const int index = *slurm.class_named(name);
        VisitClass one{name, slurm.is_measured(index), slurm.idle_nodes(index, offer.partition)};
        classes.insert(name == offer.node_class ? classes.begin() : classes.end(), std::move(one));
    }
    return classes;
}

/// Which nodes to take for what. A class whose figures are not known yet is worth a node where one
/// is taken anyhow.
NodeVisit plan_of_visit(const AdviseOptions& options, const Manifest& manifest,
                        const std::vector<NodeOffer>& offers, const SlurmCluster& slurm,
                        std::vector<std::string>& notes) {
    const bool wanted = wants_sample(options, manifest);
    NodeVisit visit;
    visit.offer = most_cores(offers);
    visit.sample = wanted && has_samples(manifest);
    visit.memory = visit.offer.memory;
    const std::vector<VisitClass> classes = classes_to_visit(offers, visit.offer, slurm);
    if (!slurm::names_nodes(manifest)) {
        VisitPlan plan = plan_visit(classes, options.probe, offers.front().nodes_grantable);
        visit.nodes = std::move(plan.nodes);
        if (options.probe) {
            for (const std::string& left_out : plan.left_out)
                notes.push_back("not measured: " + left_out);
        }
    }
    visit.probe = options.probe || (wanted && (!classes.front().measured || !visit.nodes.empty()));
    if (!visit.probe) visit.nodes.clear();
    // The weakest of all nodes fits each of them.
    if (visit.nodes.size() > 1) visit.memory = offers.front().memory;
    visit.mpi = slurm.mpi_launch();
    return visit;
}

GatheredFacts facts_of_slurm(const AdviseOptions& options, const Manifest& manifest,
                             const ItemList& items, SlurmCluster slurm,
                             const Surroundings& surroundings) {
    GatheredFacts facts;
    facts.on_slurm = true;
    facts.observed = given_samples(options, manifest.resources, items);
    const Offers found = find_offers(manifest, slurm.cluster());
    if (found.offers.empty()) {  // the decision says why
        facts.cluster = slurm.cluster();
        return facts;
    }
    std::vector<std::string> notes;
    NodeVisit visit = plan_of_visit(options, manifest, found.offers, slurm, notes);
    EarlierRuns runs = runs_on(visit.offer, manifest, items, surroundings);
    visit.expected = expected_of(runs);
    std::optional<int> reference;
    if (visit.sample || visit.probe) {
        const Visited visited = visit_nodes(options, manifest, visit, surroundings);
        const bool some_lost = visited.measured && !visited.measured->missing.empty();
        // By now Slurm may have noticed too.
        if (auto now = some_lost ? SlurmCluster::find(surroundings, manifest.limits) : std::nullopt)
            slurm = std::move(*now);
        take_in(visited, slurm, facts);
        if (visited.sampled) {
            if (const auto seen = slurm.class_of_node(visited.sampled->node)) reference = seen;
        }
    }
    facts.observed.notes.insert(facts.observed.notes.end(), notes.begin(), notes.end());
    take_in(std::move(runs), visit.sample, facts);
    if (!reference) reference = slurm.class_named(visit.offer.node_class);
    facts.cluster = slurm.cluster(reference);
    const std::vector<Fact> classes = slurm.basis(visit.offer.partition);
    facts.basis.insert(facts.basis.end(), classes.begin(), classes.end());
    return facts;
}

bool has_input_sizes(const JobProfile& profile) {
    return std::any_of(profile.samples.begin(), profile.samples.end(),
                       [](const Sample& sample) { return sample.input.has_value(); });
}

}  // namespace

GatheredFacts gather_facts(const AdviseOptions& options, const Manifest& manifest,
                           const ItemList& items, const Surroundings& surroundings) {
    std::optional<SlurmCluster> slurm;
    if (!options.local && options.cluster_file.empty())
        slurm = SlurmCluster::find(surroundings, manifest.limits);
    GatheredFacts facts =
        slurm ? facts_of_slurm(options, manifest, items, std::move(*slurm), surroundings)
              : facts_without_slurm(options, manifest, items, surroundings);
    if (has_input_sizes(facts.observed.profile)) {
        InputSizes inputs = input_sizes(items, manifest.directory);
        facts.observed.profile.largest_input = inputs.largest;
        facts.observed.profile.inputs = std::move(inputs.sizes);
    }
    return facts;
}

}  // namespace amorsize::cli
