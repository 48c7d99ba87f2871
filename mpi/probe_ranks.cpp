#include "mpi/probe_ranks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <numeric>
#include <utility>

#include "advisor/core/error.hpp"
#include "advisor/io/survey_json.hpp"
#include "advisor/measure/run_command.hpp"
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
/// For everything that follows on the measurements.
constexpr auto kUntilTheEnd = std::chrono::seconds(180);
constexpr const char* kReportAgain = "report";

Deadline after(Seconds time) {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(time.value));
}

/// What this rank calls its node.
std::string host_name(const ProbeOptions& options, int number) {
    const std::string host = probe::own_host_name();
    return options.every_rank ? fmt::format("{}-rank{}", host, number) : host;
}

/// A launcher's binding is the share of a rank; the node is what all its ranks were given.
void take_whole_node(const NodeLeaders& leaders, const ProbeOptions& options,
                     const ProbeSetting& setting) {
    if (options.every_rank) return;
    const std::vector<std::string> shares = leaders.gather_on_node(probe::own_affinity());
    if (!leaders.leads()) return;
    if (setting.bound_by_mpirun) {
        probe::drop_affinity();
    } else {
        probe::widen_affinity(shares);
    }
}

/// A leader's part from its own measurement to the end.
class Leader {
public:
    Leader(NodeLeaders& leaders, const ProbeOptions& options, const ProbeSetting& setting)
        : leaders_(leaders), options_(options), setting_(setting), started_(Clock::now()) {}

    ProbeEnd run() {
        const std::string host = host_name(options_, leaders_.number());
        const HostList expected =
            leaders_.fold_hosts(HostList(host), Clock::now() + kRoundTrip, kGrace);
        const Deadline answers = after(options_.timeout);
        own_ = survey_of(probe::probe_own_node(options_, setting_.lookup, host));
        own_.ranks.add(std::to_string(leaders_.number()));
        if (!options_.spool.empty()) probe::Spool(options_.spool).put(host, own_);
        NodeSurvey survey = leaders_.fold_surveys(own_, answers, kGrace);
        ProbeEnd end;
        if (leaders_.is_root()) {
            survey = with_late_answers(std::move(survey));
            end.report = report_of(survey, expected);
            setting_.deliver(*end.report);
            end.all_live = missing_ranks(survey).empty();
            leaders_.let_go(end.all_live);
        } else {
            end.all_live =
                leaders_.serve([&](const std::string& request) { return answer(request); },
                               Clock::now() + kUntilTheEnd);
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
        for (const Letter& letter : leaders_.ask(missing, kReportAgain, Clock::now() + kRoundTrip))
            survey = fold(std::move(survey), decode_survey(letter.text, "a late report"));
        return survey;
    }

    std::string answer(const std::string& request) const {
        return request == kReportAgain ? encode(own_) : std::string();
    }

    ProbeReport report_of(const NodeSurvey& survey, const HostList& expected) const {
        std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> library{};
        int length = 0;
        MPI_Get_library_version(library.data(), &length);
        ProbeReport report =
            probe::report_of_surroundings(setting_.lookup, measure::run_command, library.data());
        report.full = !options_.quick;
        report.classes = probe::found_classes(survey);
        report.outliers = probe::find_outliers(report.classes);
        report.missing = expected.without(hosts_of(survey));
        report.took = {std::chrono::duration<double>(Clock::now() - started_).count()};
        return report;
    }

    NodeLeaders& leaders_;
    const ProbeOptions& options_;
    const ProbeSetting& setting_;
    Clock::time_point started_;
    NodeSurvey own_;
};

}  // namespace

ProbeEnd probe_as_rank(const ProbeOptions& options, const ProbeSetting& setting) {
    // Before the first collective call, so that nobody writes there yet.
    if (Communicator::world().rank() == 0 && !options.spool.empty())
        probe::Spool(options.spool).clear();
    NodeLeaders leaders(options.every_rank);
    take_whole_node(leaders, options, setting);
    if (leaders.leads()) return Leader(leaders, options, setting).run();
    return {leaders.wait_to_go(after(options.timeout) + kUntilTheEnd), std::nullopt};
}

}  // namespace amorsize::mpi
