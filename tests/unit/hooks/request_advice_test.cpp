#include "slurm/hooks/request_advice.hpp"

#include <catch2/catch.hpp>

using namespace amorsize;
using namespace amorsize::hooks;

namespace {

Request advised() {
    Request request;
    request.ntasks = 2;
    request.cpus_per_task = 4;
    request.mem_mib_per_node = 1024;
    request.time_limit = Seconds{600};
    return request;
}

using Options = std::map<std::string, std::string>;
using Lines = std::vector<std::string>;

Options as_advised() {
    return {{"ntasks", "2"}, {"cpus-per-task", "4"}, {"mem", "1G"}, {"time", "00:10:00"}};
}

Lines answers(const Options& changes, Requests mode = Requests::warn) {
    Options options = as_advised();
    for (const auto& [option, value] : changes) options[option] = value;
    return compare_with_advice({options, "/job.sh"}, advised(), mode);
}

}  // namespace

TEST_CASE("Slurm's JSON of the options set", "[hooks]") {
    const auto request = parse_request(R"({"mem":"100","argv":["\/home\/a b.sh","x"]})");
    REQUIRE(request);
    CHECK(request->options == Options{{"mem", "100"}});
    CHECK(request->script == "/home/a b.sh");
    CHECK(parse_request(R"({"argv":[]})")->script.empty());
    for (const char* wrong : {"", "[]", "{", "null", "{\"mem\":"}) CHECK(!parse_request(wrong));
}

TEST_CASE("The plan that a script names is read, not run", "[hooks]") {
    CHECK(plan_named_in("#!/bin/bash\nexport AMORSIZE_PLAN=/a/b.yaml\nexec x\n") == "/a/b.yaml");
    CHECK(plan_named_in("export AMORSIZE_PLAN='/a b/it'\\''s.yaml'\n") == "/a b/it's.yaml");
    for (const char* none :
         {"", "#!/bin/bash\n", "export AMORSIZE_PLAN=", "export AMORSIZE_PLAN=b.yaml\n",
          "export AMORSIZE_PLAN=$HOME/b.yaml\n", "export AMORSIZE_PLAN=/a/`id`\n",
          "export AMORSIZE_PLAN='/a\n", "# export AMORSIZE_PLAN=/a/b.yaml\n"}) {
        CHECK(plan_named_in(none).empty());
    }
}

TEST_CASE("A request within the advice and twice of it is not remarked on", "[hooks]") {
    CHECK(answers({}).empty());
    CHECK(answers({{"mem", "2048"}, {"time", "00:20:00"}}).empty());
    CHECK(answers({{"mem", "0"}}).empty());
    CHECK(answers({{"mem", "no size"}, {"time", "no time"}, {"ntasks", "none"}}).empty());
}

TEST_CASE("What is too little, too much or another number is named", "[hooks]") {
    CHECK(answers({{"mem", "512M"}}) ==
          Lines{"warn --mem=512M is less than the job is expected to need; advised: --mem=1024M"});
    CHECK(
        answers({{"time", "00:21:00"}}) ==
        Lines{"warn --time=00:21:00 is more than twice what the job is expected to need; advised: "
              "--time=00:10:00"});
    CHECK(answers({{"time", "UNLIMITED"}}).size() == 1);
    CHECK(answers({{"cpus-per-task", "8"}, {"ntasks", "1"}}).size() == 2);
    CHECK(answers({{"cpus-per-task", "8"}}, Requests::fill) ==
          answers({{"cpus-per-task", "8"}}, Requests::warn));
}

TEST_CASE("What was not asked for is named, or filled in", "[hooks]") {
    const auto bare = [](Options options, Requests mode) {
        return compare_with_advice({std::move(options), "/job.sh"}, advised(), mode);
    };
    CHECK(bare({}, Requests::fill) ==
          Lines{"set time 00:10:00", "set mem 1024M", "set cpus-per-task 4", "set ntasks 2"});
    CHECK(bare({}, Requests::warn).front() ==
          "warn no --time is asked for; advised: --time=00:10:00");
    CHECK(bare({{"time", "00:10:00"}, {"mem-per-cpu", "1"}, {"nodes", "2"}}, Requests::fill) ==
          Lines{"set cpus-per-task 4"});
}

TEST_CASE("Without a plan a request is compared with earlier jobs of its name", "[hooks]") {
    const std::vector<slurm::UsedBefore> jobs{{"1", "fit", 1, Seconds{600}, kGiB},
                                              {"2", "fit", 1, Seconds{3000}, 2 * kGiB},
                                              {"3", "fit", 2, Seconds{90000}, 9 * kGiB},
                                              {"4", "other", 1, Seconds{60}, {}}};
    const auto lines = [&](Options options, const std::string& script = "/a/fit",
                           Requests mode = Requests::warn) {
        return compare_with_history({std::move(options), script}, jobs, mode);
    };
    const Options fits{{"nodes", "1"}, {"mem", "3G"}, {"time", "01:00:00"}};
    CHECK(lines(fits).empty());
    CHECK(lines({{"job-name", "fit"}, {"nodes", "1"}, {"mem", "3G"}, {"time", "01:00:00"}}, "/a/b")
              .empty());
    CHECK(lines(fits, "/a/unknown").empty());
    CHECK(lines({{"nodes", "1"}, {"mem", "1G"}, {"time", "30"}}) ==
          Lines{"warn --time=30 is less than the largest of its 2 last jobs needed; advised: "
                "--time=01:00:00",
                "warn --mem=1024M is less than the largest of its 2 last jobs needed; advised: "
                "--mem=2458M"});
    CHECK(lines({{"nodes", "1"}, {"mem", "64G"}, {"time", "1-00:00:00"}}).size() == 2);
    CHECK(lines({{"nodes", "1"}, {"mem-per-cpu", "1G"}}, "/a/fit", Requests::fill) ==
          Lines{"set time 01:00:00"});
    CHECK(lines({}, "/a/other") == Lines{"warn no --time is asked for; advised: --time=00:02:00"});
}
