#include "mpi/probe/surroundings.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "advisor/core/text.hpp"

namespace amorsize::probe {

namespace {

constexpr Seconds kPatience{10};

std::string version_in(const std::string& text) {
    const auto start = std::find_if(text.begin(), text.end(), is_digit);
    const auto end =
        std::find_if_not(start, text.end(), [](char c) { return is_digit(c) || c == '.'; });
    return {start, end};
}

}  // namespace

MpiFacts mpi_facts(const std::string& library_version) {
    MpiFacts facts;
    facts.version = version_in(library_version);
    std::string name = library_version.substr(0, library_version.find(facts.version));
    for (const char* ending : {" v", "Version:", "version", "Library "}) {
        const std::size_t at = name.find(ending);
        if (at != std::string::npos) name.resize(at);
    }
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.pop_back();
    facts.name = name.empty() ? "MPI" : name;
    return facts;
}

std::vector<std::string> srun_types(const std::string& list) {
    std::vector<std::string> types;
    std::istringstream lines(list);
    for (std::string line; std::getline(lines, line);) {
        // "srun: pmix" in old versions, "\tpmix" in new ones; sentences are not types.
        if (line.rfind("srun: ", 0) == 0) line.erase(0, 6);
        const std::size_t start = line.find_first_not_of(" \t");
        if (start == std::string::npos) continue;
        line.erase(0, start);
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (line.find_first_of(" :.") == std::string::npos) types.push_back(line);
    }
    return types;
}

ProbeReport report_of_surroundings(const measure::EnvironmentLookup& lookup, const CommandPort& run,
                                   const std::string& mpi_library, Whose whose) {
    ProbeReport report;
    const bool in_job = lookup("SLURM_JOB_ID").has_value();
    const bool of_job = in_job || whose == Whose::another_job;
    report.cluster = lookup("SLURM_CLUSTER_NAME").value_or(of_job ? "probed" : "local");
    report.partition = lookup("SLURM_JOB_PARTITION").value_or(of_job ? "probed" : "local");
    if (!mpi_library.empty()) report.mpi = mpi_facts(mpi_library);
    if (!of_job) return report;
    const CommandResult version = run({"srun", "--version"}, kPatience);
    if (version.status == 0 && !version_in(version.out).empty())
        report.slurm_version = version_in(version.out);
    const CommandResult types = run({"srun", "--mpi=list"}, kPatience);
    if (report.mpi && types.status == 0) report.mpi->srun_types = srun_types(types.out + types.err);
    if (in_job && !report.slurm_version)
        report.warnings.push_back("srun does not run here: Slurm's version is not known");
    return report;
}

LaunchedRank launched_rank(const measure::EnvironmentLookup& lookup) {
    const auto first_of = [&](std::initializer_list<const char*> names) {
        for (const char* name : names)
            if (const auto value = lookup(name)) return *value;
        return std::string();
    };
    LaunchedRank rank;
    // mpirun inside a Slurm step sees the variables of both.
    const std::string number =
        first_of({"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"});
    std::from_chars(number.data(), number.data() + number.size(), rank.number);
    rank.root = rank.number == 0;
    rank.first_on_node =
        first_of({"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}) == "0";
    rank.by_mpirun = lookup("OMPI_COMM_WORLD_SIZE").has_value();
    rank.by_srun = !rank.by_mpirun && lookup("SLURM_STEP_ID").has_value();
    if (rank.by_mpirun) rank.launch = lookup("PMIX_NAMESPACE").value_or("");
    if (rank.by_srun) {
        rank.nodes =
            HostList::parse(lookup("SLURM_STEP_NODELIST").value_or("")).value_or(HostList());
        rank.launch = first_of({"SLURM_JOB_ID"}) + "." + first_of({"SLURM_STEP_ID"});
    }
    return rank;
}

}  // namespace amorsize::probe
