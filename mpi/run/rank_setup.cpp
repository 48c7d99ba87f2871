#include "mpi/run/rank_setup.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>

#include "advisor/core/command_line.hpp"
#include "advisor/core/worker_environment.hpp"
#include "advisor/measure/topology_source.hpp"
#include "advisor/measure/usable_cpus.hpp"
#include "advisor/measure/usable_memory.hpp"
#include "mpi/run/launch.hpp"
#include "mpi/run/own_workers.hpp"
#include "mpi/run/placement.hpp"

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;

/// What this rank may use of its node: the launcher's binding, or a share where ranks of the node
/// were all given the same.
measure::UsableCpus own_cpus(Team& team) {
    measure::UsableCpus usable = measure::usable_cpus();
    const std::string mine(reinterpret_cast<const char*>(usable.pus.data()),
                           usable.pus.size() * sizeof(int));
    const std::vector<std::string> all = team.gather_on_node(mine);
    const auto index = static_cast<std::ptrdiff_t>(team.local_rank());
    const auto before = static_cast<int>(std::count(all.begin(), all.begin() + index, mine));
    const auto same = static_cast<int>(std::count(all.begin(), all.end(), mine));
    if (same > 1) {
        usable.pus = share_of_cpus(usable.pus, before, same);
        usable.cpus = std::min(usable.cpus / same, static_cast<double>(usable.pus.size()));
    }
    return usable;
}

/// What Slurm granted, which nothing but its own watch enforces where it uses no control groups.
measure::SlurmGrant grant_of(const std::vector<std::string>& environment) {
    return measure::slurm_grant([&](const std::string& name) -> std::optional<std::string> {
        for (const std::string& entry : environment) {
            if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
        }
        return std::nullopt;
    });
}

/// The cores of this rank; none where hwloc was told to describe another machine: then nothing is
/// pinned.
Topology own_topology(const measure::UsableCpus& usable) {
    const measure::Machine machine = measure::discover_machine();
    return machine.this_machine ? measure::restrict_to(machine.topology, usable) : Topology{};
}

/// The NUMA domains that the workers are held to; none where one of them is not held at all.
DomainsUsed domains_used(const Topology& topology, const std::vector<Place>& places, Team& team) {
    std::map<int, int> domain_of;
    for (const Core& core : topology.cores) {
        const NumaDomain& domain = topology.domains[static_cast<std::size_t>(core.domain)];
        for (const int pu : core.pus) domain_of[pu] = domain.os_index;
    }
    DomainsUsed used;
    for (const Place& place : places) {
        if (!place.cpus.empty()) used.own.insert(domain_of[place.cpus.front()]);
    }
    std::string mine;
    for (const int domain : used.own) mine += std::to_string(domain) + ' ';
    for (const std::string& theirs : team.gather_on_node(mine)) {
        std::istringstream numbers(theirs);
        used.of_node.insert(std::istream_iterator<int>(numbers), {});
    }
    return used;
}

std::vector<std::string> item_environment(const PlannedJob& job, const RunOptions& options,
                                          const Team& team, int workers) {
    Assignment assignment;
    assignment.rank = team.rank();
    std::map<std::string, std::string> changes = worker_environment(job.job, assignment);
    const auto index = static_cast<std::size_t>(team.rank());
    const RankPlan own = index < job.plan.ranks.size() ? job.plan.ranks[index] : RankPlan{};
    changes["AMORSIZE_PLAN"] = fs::absolute(options.plan_path).string();
    changes["AMORSIZE_RANKS"] = std::to_string(team.size());
    changes["AMORSIZE_WORKERS"] = std::to_string(workers);
    changes["AMORSIZE_CHUNK"] = std::to_string(own.chunk);
    changes["AMORSIZE_CHUNKS"] = std::to_string(own.chunks);
    if (job.job.mode == Mode::stream) changes.emplace("PYTHONUNBUFFERED", "1");
    std::vector<std::string> environment =
        with_changes(without_launcher(options.environment), changes);
    std::erase_if(environment, [](const std::string& entry) {
        return entry.rfind("AMORSIZE_WORKER=", 0) == 0 || entry.rfind("AMORSIZE_ITEM=", 0) == 0;
    });
    return environment;
}

}  // namespace

OwnSetup set_up_workers(const PlannedJob& job, const RunOptions& options, Team& team,
                        ItemTexts& texts) {
    const measure::UsableCpus usable = own_cpus(team);
    const Topology topology = own_topology(usable);
    RankResources found;
    found.hardware_threads = usable.whole();
    found.cores = static_cast<int>(topology.cores.size());
    found.memory =
        measure::usable_memory({}, grant_of(options.environment)).available / team.local_size();
    OwnWorkers own = own_workers(job, team.rank(), found);
    if (options.workers) own = {*options.workers, {}};
    if (job.job.mode == Mode::program) own = {1, {}};

    OwnSetup setup;
    setup.difference = own.difference;
    setup.workers.mode = job.job.mode;
    setup.workers.command = job.job.command;
    setup.workers.item_text = [&texts](std::int64_t item) -> std::string { return texts[item]; };
    setup.workers.environment = item_environment(job, options, team, own.workers);
    setup.workers.places = place_workers(
        topology, {own.workers, job.job.resources.threads, job.plan.layout.threads_per_core});
    const std::string of_domains = domain_difference(
        job.plan, team.rank(), domains_used(topology, setup.workers.places, team));
    if (job.job.mode != Mode::program && !of_domains.empty()) {
        setup.difference += (setup.difference.empty() ? "" : "; ") + of_domains;
    }
    setup.workers.rank = team.rank();
    return setup;
}

}  // namespace amorsize::run
