#include "advisor/io/plan_file.hpp"

#include <nlohmann/json.hpp>
#include <random>

#include "advisor/core/error.hpp"
#include "advisor/io/advice_json.hpp"
#include "advisor/io/manifest_reader.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;

namespace {

Manifest manifest_with_everything() {
    return parse_manifest(R"yaml(amorsize: 1
name: sweep-7
mode: batch
command: [./run me, --list, "{items}", "it's \"$(quoted)\" \\ \n é"]
items: {file: "items with spaces.txt"}
resources: {threads: 2, memory: 1.5GiB, gpus: 1}
sample: {size: 7, choose: random, budget: 90s, timeout: 5s, reuse: true}
profile: {seconds: 0.4, cv: 0.3, peak_memory: 500MiB, cpu_share: 0.9}
limits: {nodes: 4, time: 1-12:00:00, partition: main, account: x, qos: y, constraint: "a|b"}
goal: cost
risk: 0.01
headroom: 0.3
launcher: mpirun
retry: {attempts: 3, backoff: 10s}
environment: {A: "1", B: "yes", EMPTY: "", LINES: "a\nb"}
prelude: ["module load gcc", "  export X=$(date)"]
slurm: {mail-user: me@example.org, requeue: true, comment: "true"}
)yaml",
                          "job.yaml", "/home/someone/a job");
}

Advice advice_with(std::mt19937& random) {
    const auto number = [&](int most) {
        return std::uniform_int_distribution<int>(1, most)(random);
    };
    const auto real = [&] { return std::uniform_real_distribution<double>(0, 1e5)(random); };
    Plan plan;
    plan.layout = {number(5), number(4), number(64),   number(1000),
                   number(4), number(2), number(1000), Schedule::guided};
    for (int rank = 0; rank < plan.layout.ranks(); ++rank) {
        plan.ranks.push_back({rank,
                              "class " + std::to_string(number(3)),
                              {rank % 4, rank % 4 + 1},
                              number(64),
                              number(99),
                              number(9),
                              number(999)});
    }
    plan.request = {number(9),
                    number(99),
                    number(9),
                    number(9),
                    number(99999),
                    Seconds{60.0 * number(99)},
                    "main",
                    "",
                    true,
                    1,
                    2,
                    Pieces{3, Seconds{real()}, Seconds{real()}}};
    plan.predicted = {Source::history,
                      {Seconds{real()}, Seconds{real()}},
                      Seconds{real()},
                      real(),
                      real(),
                      Fraction{real() / 1e5},
                      Bytes{(99 + number(9999)) * kMiB.value},
                      Bytes{number(99) * kMiB.value},
                      Bytes{number(99) * kMiB.value},
                      Seconds{real()}};
    Advice advice;
    advice.verdict = Verdict::parallel;
    advice.plan = plan;
    advice.reasons = {reason::NothingToSplit{1}, reason::SecondThreadRejected{}};
    advice.warnings = {reason::FewSamples{5, Fraction{0.8}}};
    advice.alternatives = {{plan, reason::Slower{Seconds{4}}}};
    advice.basis = {{"item time", "0.4 s", Source::sampled, "5 items on n1"}};
    return advice;
}

std::string faults_of(const std::string& text) {
    try {
        parse_plan(text, "x.plan.yaml");
    } catch (const Error& error) {
        CHECK(error.code == ExitCode::bad_input);
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a plan reads back as it was written") {
    std::mt19937 random(3);
    const Manifest job = manifest_with_everything();
    for (int i = 0; i < 50; ++i) {
        const Advice advice = advice_with(random);
        const std::string text =
            write_plan(job, 1000, advice, {{"srun", "-n", "4"}, {"mpirun"}}, {"--nodes=2"});
        INFO(text);
        const PlannedJob planned = parse_plan(text, "sweep-7.plan.yaml");
        CHECK(planned.items == 1000);
        CHECK(planned.verdict == Verdict::parallel);
        CHECK(planned.plan.ranks.size() == advice.plan->ranks.size());
        CHECK(planned.job.directory == "/home/someone/a job");
        CHECK(planned.job.command.argv == job.command.argv);
        CHECK(planned.job.environment == job.environment);
        CHECK(planned.job.prelude == job.prelude);
        CHECK(planned.job.slurm == job.slurm);
        Advice again = advice;
        again.plan = planned.plan;
        CHECK(write_plan(planned.job, planned.items, again, {{"srun", "-n", "4"}, {"mpirun"}},
                         {"--nodes=2"}) == text);
    }
}

TEST_CASE("a plan that was cut short or changed by hand is refused with its faults") {
    std::mt19937 random(4);
    std::string text = write_plan(manifest_with_everything(), 10, advice_with(random));
    const std::string half = text.substr(0, text.find("predicted:"));
    CHECK(faults_of(half).find("predicted: is missing: the plan is not complete") !=
          std::string::npos);
    text.replace(text.find("{rank: 0"), 8, "{rank: 7");
    CHECK(faults_of(text).find("ranks[0].rank: is 7 where rank 0 is due") != std::string::npos);
}

TEST_CASE("a plan says as what its runs are remembered, and only if they are") {
    std::mt19937 random(3);
    Advice advice = advice_with(random);
    advice.plan->items = {Bytes{1 << 20}, 1.25, {{4, 3.5}}};
    const JobInstance instance{{"/bin/run", "0123456789012345", "--list #", "main/a"}, Bytes{5000}};
    const Manifest manifest = manifest_with_everything();
    const PlannedJob planned = parse_plan(write_plan(manifest, 10, advice, {}, {}, instance), "p");
    REQUIRE(planned.remembered_as);
    CHECK(planned.remembered_as->job == instance.job);
    CHECK(planned.remembered_as->input == Bytes{5000});
    CHECK(planned.plan.items.memory == Bytes{1 << 20});
    CHECK(planned.plan.items.slowdown == 1.25);
    CHECK(planned.plan.items.co_runs == advice.plan->items.co_runs);
    CHECK_FALSE(parse_plan(write_plan(manifest, 10, advice), "p").remembered_as);
}

TEST_CASE("an infeasible job has no plan to write") {
    CHECK_THROWS_AS(write_plan(manifest_with_everything(), 10, Advice{}), Error);
}

TEST_CASE("the JSON advice has the promised fields") {
    std::mt19937 random(5);
    const auto json = nlohmann::json::parse(advice_json(
        manifest_with_everything(), advice_with(random), {{"srun"}, {"mpirun"}}, {"--nodes=2"}));
    CHECK(json.at("verdict") == "parallel");
    for (const char* field : {"nodes", "ranks_per_node", "ranks", "workers_per_rank",
                              "cpus_per_worker", "threads_per_core", "chunk"}) {
        INFO(field);
        CHECK(json.at("layout").at(field).is_number_integer());
    }
    CHECK(json.at("layout").at("schedule") == "guided");
    CHECK(json.at("ranks").at(0).at("numa").is_array());
    CHECK(json.at("request").at("directives") == nlohmann::json{"--nodes=2"});
    CHECK(json.at("predicted").at("wall_seconds").at("p95").is_number());
    CHECK(json.at("reasons").at(0).at("code") == "nothing_to_split");
    CHECK(json.at("reasons").at(0).at("text").is_string());
    CHECK(json.at("alternatives").at(0).at("reason").at("code") == "slower");
    CHECK(json.at("basis").at(0).at("source") == "sampled");
    CHECK(json.at("launch").at("srun") == nlohmann::json{"srun"});
}

TEST_CASE("no figure is written for times that nobody knows") {
    std::mt19937 random(6);
    Advice advice = advice_with(random);
    advice.plan->predicted.item_times.reset();
    advice.plan->predicted.speedup.reset();
    advice.plan->predicted.busy.reset();
    advice.plan->request.array = ArrayPlan{4, 2, 25, {Seconds{7}, Seconds{8}}};
    const auto json =
        nlohmann::json::parse(advice_json(manifest_with_everything(), advice, {}, {}));
    for (const char* figure : {"wall_seconds", "serial_seconds", "speedup", "core_hours", "busy"}) {
        INFO(figure);
        CHECK(json.at("predicted").at(figure).is_null());
    }
    CHECK(json.at("request").at("array").at("element_seconds_p50").is_null());
    CHECK(json.at("pareto").at(0).at("wall_seconds").is_null());
    CHECK(json.at("alternatives").at(0).at("predicted").at("item_times") == "history");
    const Plan back =
        parse_plan(write_plan(manifest_with_everything(), 100, advice), "a.plan.yaml").plan;
    CHECK_FALSE(back.predicted.item_times);
    CHECK(back.predicted.memory_per_node == advice.plan->predicted.memory_per_node);
}

TEST_CASE("the JSON advice of an infeasible job has reasons and no plan") {
    Advice advice;
    advice.reasons = {
        reason::ItemTooLarge{Bytes{561 * kGiB.value}, Bytes{560 * kGiB.value}, "a", Fraction{0.2}}};
    const auto json =
        nlohmann::json::parse(advice_json(manifest_with_everything(), advice, {}, {}));
    CHECK(json.at("verdict") == "infeasible");
    CHECK(json.at("layout").is_null());
    CHECK(json.at("request").is_null());
    CHECK(json.at("predicted").is_null());
    CHECK(json.at("reasons").size() == 1);
}
