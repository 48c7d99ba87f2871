#include "mpi/probe/own_node.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <array>

#include "advisor/measure/cgroup.hpp"
#include "advisor/measure/node_report.hpp"
#include "mpi/probe/node_facts.hpp"
#include "mpi/probe/surroundings.hpp"

namespace amorsize::probe {

namespace {

constexpr int kMostThreads = 16384;

/// A set of hardware threads of any machine.
class CpuSet {
public:
    CpuSet() : set_(CPU_ALLOC(kMostThreads)) { CPU_ZERO_S(bytes(), set_); }
    CpuSet(const CpuSet&) = delete;
    CpuSet& operator=(const CpuSet&) = delete;
    ~CpuSet() { CPU_FREE(set_); }

    void add(int cpu) {
        if (cpu >= 0 && cpu < kMostThreads) CPU_SET_S(static_cast<std::size_t>(cpu), bytes(), set_);
    }
    /// The kernel leaves out what the control groups forbid; nothing changes if nothing is left.
    void apply() const { sched_setaffinity(0, bytes(), set_); }

private:
    static std::size_t bytes() { return CPU_ALLOC_SIZE(kMostThreads); }
    cpu_set_t* set_;
};

}  // namespace

std::string own_host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string node_name(const ProbeOptions& options, int rank) {
    const std::string host = own_host_name();
    return options.every_rank ? fmt::format("{}-rank{}", host, rank) : host;
}

std::string own_affinity() {
    return measure::process_status_field({}, "Cpus_allowed_list");
}

void widen_affinity(const std::vector<std::string>& lists) {
    CpuSet all;
    for (const std::string& list : lists)
        for (const int cpu : measure::parse_number_list(list)) all.add(cpu);
    all.apply();
}

void drop_affinity() {
    CpuSet all;
    for (int cpu = 0; cpu < kMostThreads; ++cpu) all.add(cpu);
    all.apply();
}

NodeGroup probe_own_node(const ProbeOptions& options, const measure::EnvironmentLookup& lookup,
                         const std::string& host) {
    const measure::NodeQuick quick = measure::measure_quick(measure::slurm_grant(lookup));
    measure::NodeReport report;
    report.quick = quick;
    if (!options.quick) report = measure::measure_full(quick, options.budget);
    NodeGroup group = node_facts(report, host);
    const auto& granted = quick.cpus.grant;
    const double seen = static_cast<double>(quick.cpus.pus.size());
    // mpirun hands every node the variables of the first.
    if (quick.this_machine && granted && launched_rank(lookup).by_srun && seen < granted->cpus) {
        group.remarks.add(fmt::format(
            "bound to {} of the {} hardware threads granted: start one rank a node, with srun "
            "--cpu-bind=none",
            seen, granted->cpus));
    }
    return group;
}

}  // namespace amorsize::probe
