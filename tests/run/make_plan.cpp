// Writes the plan a test wants, whatever amorsize-advise would choose:
//   make_plan JOB.yaml PLAN RANKS WORKERS CHUNK SCHEDULE [CPUS [ELEMENTS]]
// RANKS ranks on one node with WORKERS workers each, CPUS hardware threads a rank (default:
// WORKERS); with ELEMENTS those of each element of an array.

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include "advisor/core/error.hpp"
#include "advisor/io/items.hpp"
#include "advisor/io/manifest_reader.hpp"
#include "advisor/io/plan_file.hpp"

using namespace amorsize;

namespace {

Schedule schedule_of(const std::string& name) {
    static const std::map<std::string, Schedule> kSchedules = {
        {"fixed", Schedule::fixed},
        {"guided", Schedule::guided},
        {"factoring", Schedule::factoring},
        {"weighted_factoring", Schedule::weighted_factoring}};
    return kSchedules.at(name);
}

Plan plan_for(int ranks, int workers, std::int64_t chunk, Schedule schedule, int cpus,
              std::int64_t items) {
    Plan plan;
    plan.layout.nodes = 1;
    plan.layout.ranks_per_node = ranks;
    plan.layout.workers_per_rank = workers;
    plan.layout.workers = ranks * workers;
    plan.layout.chunk = chunk;
    plan.layout.schedule = schedule;
    const std::int64_t chunks = std::max<std::int64_t>(1, items / (chunk * ranks));
    for (int rank = 0; rank < ranks; ++rank) {
        plan.ranks.push_back({rank, "test", {}, workers, chunk, chunks, items / ranks});
    }
    plan.request.ntasks = ranks;
    plan.request.ntasks_per_node = ranks;
    plan.request.cpus_per_task = cpus;
    plan.request.mem_mib_per_node = 1024;
    plan.request.time_limit = Seconds{3600};
    return plan;
}

int write(int argc, char** argv) {
    if (argc < 7) {
        std::cerr << "make_plan JOB.yaml PLAN RANKS WORKERS CHUNK SCHEDULE [CPUS [ELEMENTS]]\n";
        return 2;
    }
    const Manifest job = read_manifest(argv[1]);
    const std::int64_t items = ItemList(job.items, job.directory).size();
    const int workers = std::stoi(argv[4]);
    Advice advice;
    advice.verdict = Verdict::parallel;
    advice.plan = plan_for(std::stoi(argv[3]), workers, std::stoll(argv[5]), schedule_of(argv[6]),
                           argc > 7 ? std::stoi(argv[7]) : workers, items);
    if (argc > 8) {
        ArrayPlan array;
        array.elements = std::stoi(argv[8]);
        array.items_each = (items + array.elements - 1) / array.elements;
        advice.plan->request.array = array;
    }
    std::ofstream(argv[2]) << write_plan(job, items, advice);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return write(argc, argv);
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return static_cast<int>(error.code);
    }
}
