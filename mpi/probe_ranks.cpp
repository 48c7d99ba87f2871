#include "mpi/probe_ranks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <numeric>
#include <utility>

#include "advisor/core/error.hpp"
#include "advisor/io/survey_json.hpp"
#include "advisor/measure/run_command.hpp"
#include "mpi/network_probe.hpp"
#include "mpi/node_leaders.hpp"
#include "mpi/probe/findings.hpp"
#include "mpi/probe/own_node.hpp"
#include "mpi/probe/spool.hpp"
#include "mpi/probe/surroundings.hpp"

namespace amorsize::mpi {

namespace {

using Clock = std::chrono::steady_clock;
using probe::ProbeOptions;
using probe::ProbeReport;

constexpr auto kGrace = std::chrono::milliseconds(1000);
constexpr auto kRoundTrip = std::chrono::seconds(5);
constexpr Seconds kForLaunches{10};
constexpr const char* kReportAgain = "report";

Clock::duration in_clock(Seconds time) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(time.value));
}

/// A launcher's binding is the share of a rank; the node is what all its ranks were given.
void take_whole_node(const NodeLeaders& leaders, const ProbeOptions& options,
                     const ProbeSetting& setting) {
    if (options.every_rank) return;
    const std::vector<std::string> shares = leaders.gather_on_node(probe::own_affinity());
    if (!leaders.leads()) return;
    // mpirun binds where nobody asked for it: that says nothing of what the job was given.
    if (setting.launcher.kind == probe::Launcher::Kind::mpirun) {
        probe::drop_affinity();
    } else {
        probe::widen_affinity(shares);
    }
}

/// A leader's part from its own measurement to the end.
class Leader {
public:
    /// Collective.
    Leader(NodeLeaders& leaders, const ProbeOptions& options, const ProbeSetting& setting)
        : leaders_(leaders),
          options_(options),
          setting_(setting),
          started_(Clock::now()),
          host_(probe::node_name(options, leaders.number())),
          network_(leaders, host_) {}

    ProbeEnd run() {
        HostList expected = leaders_.fold_hosts(HostList(host_), Clock::now() + kRoundTrip, kGrace);
        // Slurm may know nodes that never got so far, if it calls nodes as they call themselves.
        if (setting_.step_nodes.contains(host_)) expected.add(setting_.step_nodes);
        const Deadline answers = Clock::now() + in_clock(options_.timeout);
        if (leaders_.is_root() && !options_.spool.empty())
            probe::Spool(options_.spool).expect(expected);
        own_ = own_survey();
        NodeSurvey survey = leaders_.fold_surveys(own_, answers, kGrace);
        ProbeEnd end;
        if (leaders_.is_root()) {
            survey = with_late_answers(std::move(survey));
            end.all_live = missing_ranks(survey).empty();
            survey = with_reports_of_lost(std::move(survey));
            ProbeReport report = report_of(survey, expected);
            if (!setting_.spool_trouble.empty()) report.warnings.push_back(setting_.spool_trouble);
            try {
                setting_.conclude(complete(std::move(report), survey));
            } catch (const Error&) {
                leaders_.let_go(false);
                throw;
            }
            end.all_live = end.all_live && network_.sound();
            leaders_.let_go(end.all_live);
        } else {
            end.all_live =
                leaders_.serve([&](const std::string& request) { return answer(request); },
                               [&] { return probe::Spool(options_.spool).given_up(); },
                               started_ + in_clock(longest(options_)));
        }
        leaders_.let_node_go(end.all_live);
        return end;
    }

private:
    std::vector<int> missing_ranks(const NodeSurvey& survey) const {
        std::vector<int> missing;
        if (survey.ranks.size() == leaders_.count()) return missing;
        for (int rank = 1; rank < leaders_.count(); ++rank)
            if (!survey.ranks.contains(std::to_string(rank))) missing.push_back(rank);
        return missing;
    }

    /// A rank that is lost takes what lies below it in the tree along; those that live are asked
    /// once more, without it.
    NodeSurvey with_late_answers(NodeSurvey survey) {
        const std::vector<int> missing = missing_ranks(survey);
        for (const int rank : missing) leaders_.request({rank, kReportAgain});
        for (const Letter& letter : leaders_.collect(missing, Clock::now() + kRoundTrip))
            survey = fold(std::move(survey), decode_survey(letter.text, "a late report"));
        return survey;
    }

    /// A rank that is lost may have left its report in the spool, or its supervisor one for it.
    NodeSurvey with_reports_of_lost(NodeSurvey survey) const {
        if (options_.spool.empty() || missing_ranks(survey).empty()) return survey;
        try {
            const HostList known = hosts_of(survey);
            survey =
                fold(std::move(survey), probe::collect(probe::Spool(options_.spool), known).survey);
        } catch (const Error& error) {
            survey.troubles.add(error.what());
        }
        return survey;
    }

    std::string answer(const std::string& request) {
        if (request == kReportAgain) return encode(own_);
        return network_.answer(request).value_or("");
    }

    /// What goes wrong on a node is told; it must not take the others' results along.
    NodeSurvey own_survey() const {
        NodeSurvey own;
        try {
            own = survey_of(probe::probe_own_node(options_, setting_.lookup, host_));
            if (!options_.spool.empty()) probe::Spool(options_.spool).put(host_, own);
        } catch (const Error& error) {
            own.troubles.add(host_ + ": " + error.what());
        }
        own.ranks.add(std::to_string(leaders_.number()));
        return own;
    }

    /// Delivers what the nodes said, and again what lies between them and before them.
    ProbeReport complete(ProbeReport report, const NodeSurvey& survey) {
        report.launch.unmeasured = report.network.unmeasured = "--quick";
        setting_.deliver(report);
        if (options_.quick) return report;
        report.network = network_.measure(alive_ranks(survey));
        report.network_took = so_far() - report.nodes_took;
        if (options_.every_rank) {
            report.launch.unmeasured = "ranks stand for nodes here";
        } else {
            report.launch =
                time_launches(launcher_for(report, survey), sizes_for(survey), kForLaunches);
        }
        report.took = so_far();
        report.launches_took = report.took - report.nodes_took - report.network_took;
        setting_.deliver(report);
        return report;
    }

    std::vector<int> alive_ranks(const NodeSurvey& survey) const {
        std::vector<int> alive(static_cast<std::size_t>(leaders_.count()));
        std::iota(alive.begin(), alive.end(), 0);
        for (const int rank : missing_ranks(survey)) std::erase(alive, rank);
        return alive;
    }

    probe::Launcher launcher_for(const ProbeReport& report, const NodeSurvey& survey) const {
        probe::Launcher launcher = setting_.launcher;
        launcher.slurm_version = report.slurm_version;
        launcher.hosts = hosts_of(survey).names(static_cast<std::size_t>(leaders_.count()));
        std::erase(launcher.hosts, host_);
        launcher.hosts.insert(launcher.hosts.begin(), host_);
        return launcher;
    }

    static std::vector<probe::LaunchSize> sizes_for(const NodeSurvey& survey) {
        int threads = std::numeric_limits<int>::max();
        for (const auto& [key, group] : survey.groups)
            threads = std::min(threads, group.hardware_threads);
        return probe::launch_sizes(static_cast<int>(node_count(survey)), threads);
    }

    ProbeReport report_of(const NodeSurvey& survey, const HostList& expected) const {
        std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> library{};
        int length = 0;
        MPI_Get_library_version(library.data(), &length);
        ProbeReport report = probe::report_of_surroundings(setting_.lookup, measure::run_command,
                                                           library.data(), probe::Whose::this_job);
        report.full = !options_.quick;
        report = probe::with_nodes(std::move(report), survey, expected);
        report.took = report.nodes_took = so_far();
        return report;
    }

    Seconds so_far() const {
        return {std::chrono::duration<double>(Clock::now() - started_).count()};
    }

    NodeLeaders& leaders_;
    const ProbeOptions& options_;
    const ProbeSetting& setting_;
    Clock::time_point started_;
    std::string host_;
    NetworkProbe network_;
    NodeSurvey own_;
};

}  // namespace

ProbeEnd probe_as_rank(const ProbeOptions& options, const ProbeSetting& setting) {
    NodeLeaders leaders(options.every_rank);
    take_whole_node(leaders, options, setting);
    std::optional<Leader> leader;
    if (leaders.leads()) leader.emplace(leaders, options, setting);
    setting.ranks_met();
    if (leader) return leader->run();
    return {leaders.wait_to_go(Clock::now() + in_clock(longest(options)))};
}

}  // namespace amorsize::mpi
