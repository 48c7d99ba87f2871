#include "advisor/measure/sampler.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "advisor/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace amorsize;
using namespace amorsize::measure;

extern char** environ;

namespace {

/// A folder for one test's files.
struct Folder {
    std::string path = "/tmp/amorsize-sampler-XXXXXX";
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }

    int lines(const std::string& name) const {
        std::ifstream file(path + "/" + name);
        return static_cast<int>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
    }
};

SampleRequest request_for(Command command, std::int64_t items,
                          const std::string& directory = "/tmp") {
    SampleRequest request;
    request.manifest.name = "test";
    request.manifest.directory = directory;
    request.manifest.command = std::move(command);
    request.manifest.sample.budget = Seconds{30};
    request.items = items;
    request.item = [](std::int64_t index) { return std::to_string(index); };
    for (char** entry = environ; *entry != nullptr; ++entry)
        request.environment.emplace_back(*entry);
    request.share_of_saving = 1e9;
    return request;
}

Command shell(std::string text) {
    return {{std::move(text)}, true};
}

std::ptrdiff_t alone_in(const SampleResult& result) {
    return std::count_if(result.items.begin(), result.items.end(),
                         [](const SampledItem& item) { return item.sample.round == 0; });
}

Error error_of(const SampleRequest& request) {
    try {
        run_sample(request);
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return {ExitCode::ok, ""};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a sample runs the number of items asked for, each once") {
    const Folder folder;
    SampleRequest request = request_for(shell("echo {item} >> ran; sleep 0.01"), 100, folder.path);
    const SampleResult result = run_sample(request);
    CHECK(result.profile.items == 100);
    CHECK(result.items.size() >= 5);
    CHECK(folder.lines("ran") == static_cast<int>(result.items.size()));
    std::set<std::int64_t> indices;
    for (const SampledItem& item : result.items) indices.insert(item.index);
    CHECK(indices.size() == result.items.size());
    CHECK(result.ended_by == SampleEnd::complete);
    CHECK(contains(result.profile.origin, "5 items spread over the list"));
    CHECK(result.profile.cost.value > 0.05);
}

TEST_CASE("a failing item stops the advice and shows its own words") {
    const Error error =
        error_of(request_for(shell("echo started; echo 'cannot open data' >&2; exit 3"), 100));
    CHECK(error.code == ExitCode::bad_input);
    CHECK(contains(error.what(), "exit code 3"));
    CHECK(contains(error.what(), "cannot open data"));
    CHECK(contains(error.what(), "item "));
    CHECK(contains(error.what(), "command: bash -c"));
    CHECK_FALSE(error.hint.empty());
}

TEST_CASE("a command that cannot be started says why") {
    const Folder folder;
    std::ofstream(folder.path + "/script") << "#!/bin/sh\n";
    CHECK(
        contains(error_of(request_for({{"no-such-program-x"}, false}, 9)).what(), "No such file"));
    const Error error = error_of(request_for({{"./script"}, false}, 9, folder.path));
    CHECK(contains(error.what(), "Permission denied"));
    CHECK(contains(error.hint, "chmod +x ./script"));
}

TEST_CASE("a hanging item meets its time limit") {
    SampleRequest request =
        request_for(shell("trap '' TERM; echo busy >&2; while :; do sleep 1; done"), 9);
    request.manifest.sample.timeout = Seconds{0.3};
    const Error error = error_of(request);
    CHECK(error.code == ExitCode::bad_input);
    CHECK(contains(error.what(), "limit of 0.3 s"));
    CHECK(contains(error.what(), "busy"));
}

TEST_CASE("a first item longer than the budget is an error that says what to do") {
    SampleRequest request = request_for(shell("sleep 30"), 9);
    request.manifest.sample.budget = Seconds{0.3};
    CHECK(contains(error_of(request).hint, "sample.budget"));
}

TEST_CASE("a budget that runs out later keeps what was measured") {
    SampleRequest request = request_for(shell("if [ -e seen ]; then sleep 30; fi; touch seen"), 9);
    const Folder folder;
    request.manifest.directory = folder.path;
    request.manifest.sample.budget = Seconds{2};
    const SampleResult result = run_sample(request);
    CHECK(result.ended_by == SampleEnd::budget);
    CHECK(result.profile.samples.size() == 1);
    REQUIRE(result.unfinished.size() == 1);
    CHECK(result.unfinished[0].at_least.value > 1);
    CHECK_FALSE(result.notes.empty());
}

TEST_CASE("a sample stops where it would cost more than its share of what it can save") {
    SampleRequest request = request_for(shell("sleep 0.3"), 10);
    request.share_of_saving = 0.05;
    request.gain = [](const std::vector<Sample>&) { return ParallelGain{Seconds{4}, 2}; };
    const SampleResult result = run_sample(request);
    CHECK(result.ended_by == SampleEnd::saving);
    CHECK(alone_in(result) == 1);
}

TEST_CASE("a sample that saves nothing still costs a twentieth of the run it tells of") {
    SampleRequest request = request_for(shell("sleep 0.3"), 1000);
    request.cores = {{0}, {1}};
    request.share_of_saving = 0.05;
    request.gain = [](const std::vector<Sample>&) { return ParallelGain{}; };
    const SampleResult result = run_sample(request);
    CHECK(result.items.size() == 5);  // and no round, which would tell how many workers help
    request.items = 12;
    CHECK(run_sample(request).items.size() == 1);
}

TEST_CASE("a sample that takes half a second is run of any job") {
    SampleRequest request = request_for(shell("sleep 0.02"), 10);
    request.share_of_saving = 0.05;
    request.gain = [](const std::vector<Sample>&) { return ParallelGain{Seconds{0.1}, 2}; };
    CHECK(run_sample(request).items.size() >= 5);
}

TEST_CASE(
    "more items are tried while they are worth their cost, and only where no size was asked for") {
    SampleRequest request = request_for(shell("true"), 100000);
    request.stake = [](const std::vector<Sample>&) {
        return SampleStake{Seconds{3600}, 100000, 0.5, {0.05}};
    };
    const SampleResult grown = run_sample(request);
    CHECK(grown.items.size() >= 28);  // 0.9^28 is just above 0.05
    CHECK(grown.ended_by == SampleEnd::complete);

    request.manifest.sample.may_grow = false;
    CHECK(run_sample(request).items.size() == 5);

    request.manifest.sample.may_grow = true;
    request.stake = [](const std::vector<Sample>&) {
        return SampleStake{Seconds{1e-3}, 100000, 0.5, {0.05}};
    };
    CHECK(run_sample(request).items.size() == 5);
}

TEST_CASE("a longer sample leaves half of its budget to rounds") {
    SampleRequest request = request_for(shell("sleep 0.1"), 100000);
    request.manifest.sample.budget = Seconds{3};
    request.cores = {{0}, {1}};
    request.stake = [](const std::vector<Sample>&) {
        return SampleStake{Seconds{1e6}, 100000, 0.5, {0.001}};
    };
    const SampleResult result = run_sample(request);
    CHECK(result.items.size() > 5);
    CHECK(std::any_of(result.items.begin(), result.items.end(),
                      [](const SampledItem& item) { return item.sample.round > 0; }));
}

TEST_CASE("rounds side by side have a share of the saving of their own") {
    SampleRequest request = request_for(shell("sleep 0.4"), 20);
    request.cores = {{0}, {1}};
    request.share_of_saving = 0.05;
    request.gain = [](const std::vector<Sample>&) { return ParallelGain{Seconds{10}, 2}; };
    const SampleResult result = run_sample(request);
    const auto alone = alone_in(result);
    CHECK(alone == 1);
    CHECK(result.items.size() >= 3);  // one round
    CHECK(result.items.size() <= 9);
    CHECK(result.ended_by == SampleEnd::saving);
}

TEST_CASE("items kept for the run cost only what they take longer than there") {
    SampleRequest request = request_for(shell("sleep 0.3"), 10);
    request.cores = {{0}, {1}};
    request.share_of_saving = 0.05;
    request.gain = [](const std::vector<Sample>&) { return ParallelGain{Seconds{3}, 1.01}; };
    CHECK(alone_in(run_sample(request)) == 1);
    request.manifest.sample.reuse = true;
    CHECK(alone_in(run_sample(request)) == 5);
}

TEST_CASE("a round makes up for items too dear to run alone where the run need not repeat them") {
    SampleRequest request = request_for(shell("sleep 0.6"), 20);
    request.cores = {{0}, {1}};
    request.share_of_saving = 0.05;
    request.gain = [](const std::vector<Sample>&) { return ParallelGain{Seconds{2}, 2}; };
    request.manifest.sample.reuse = true;
    const SampleResult result = run_sample(request);
    CHECK(alone_in(result) == 1);
    CHECK(result.items.size() >= 5);
    CHECK(result.kept.size() == result.items.size());
}

namespace {

SampleRequest with_open_threads(const char* script) {
    SampleRequest request = request_for(shell(script), 20);
    request.cores = {{0}, {1}};
    request.manifest.resources.try_threads = true;
    return request;
}

std::vector<int> threads_of(const SampleResult& result) {
    std::vector<int> threads;
    for (const Sample& sample : result.profile.more_threads) {
        threads.push_back(sample.threads);
        CHECK(sample.item);
    }
    return threads;
}

}  // namespace

TEST_CASE("items run again with more threads as long as that makes them faster") {
    SampleRequest faster = with_open_threads(
        "case $OMP_NUM_THREADS in 1) sleep 0.8;; 2) sleep 0.2;; *) sleep 0.4;; esac");
    faster.items = 5;  // none is left to run side by side on cores that may not be there
    faster.cores = {{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};
    CHECK(threads_of(run_sample(faster)) == std::vector<int>{2, 2, 4, 4});
    SampleRequest slower =
        with_open_threads("if [ $OMP_NUM_THREADS = 1 ]; then sleep 0.2; else sleep 0.5; fi");
    slower.items = faster.items;
    slower.cores = faster.cores;
    CHECK(threads_of(run_sample(slower)) == std::vector<int>{2, 2});
}

TEST_CASE("a program that fails with more threads is planned with one") {
    const SampleResult result = run_sample(with_open_threads("exit $((OMP_NUM_THREADS - 1))"));
    CHECK(threads_of(result).empty());
    CHECK(result.items.size() >= 5);
    CHECK(std::any_of(result.notes.begin(), result.notes.end(),
                      [](const std::string& note) { return contains(note, "2 threads"); }));
}

TEST_CASE("what ran again with more threads is left to the run, whatever was kept of it") {
    SampleRequest request = with_open_threads("echo done");
    request.manifest.sample.reuse = true;
    const SampleResult result = run_sample(request);
    CHECK(result.kept.size() + 2 == result.items.size());
}

TEST_CASE("a sample stops once the answer cannot change") {
    SampleRequest request = request_for(shell("true"), 100);
    request.answer_can_change = [](const std::vector<Sample>& samples) {
        return samples.size() < 2;
    };
    const SampleResult result = run_sample(request);
    CHECK(result.ended_by == SampleEnd::answer_settled);
    CHECK(result.items.size() == 2);
}

TEST_CASE("samples come in the order of the list and name their items") {
    SampleRequest request = request_for(shell("true"), 1000);
    const SampleResult result = run_sample(request);
    std::vector<int> items;
    for (const Sample& sample : result.profile.samples)
        items.push_back(std::stoi(sample.item.value_or("-1")));
    CHECK(std::is_sorted(items.begin(), items.end()));
}

TEST_CASE("items with any characters reach the command whole") {
    const std::vector<std::string> nasty = {"a b", "it's",      "\"q\"", "line\nbreak",
                                            "-rf", "$(exit 9)", "",      "*"};
    for (const bool through_shell : {true, false}) {
        SampleRequest request = through_shell ? request_for(shell("printf %s {item}"), 8)
                                              : request_for({{"printf", "%s", "{item}"}, false}, 8);
        request.item = [&](std::int64_t index) { return nasty[static_cast<std::size_t>(index)]; };
        request.manifest.sample.size = 8;
        request.manifest.sample.reuse = true;
        const SampleResult result = run_sample(request);
        REQUIRE(result.kept.size() == 8);
        for (const KeptItem& kept : result.kept)
            CHECK(kept.out == nasty[static_cast<std::size_t>(kept.index)]);
    }
}

TEST_CASE("outputs are kept only when asked for and whole") {
    SampleRequest request = request_for(shell("echo {item}; echo e >&2"), 50);
    CHECK(run_sample(request).kept.empty());
    request.manifest.sample.reuse = true;
    const SampleResult result = run_sample(request);
    REQUIRE(result.kept.size() == result.items.size());
    CHECK(result.kept[0].out == std::to_string(result.kept[0].index) + "\n");
    CHECK(result.kept[0].err == "e\n");
    request.keep_output = 1;
    CHECK(run_sample(request).kept.empty());
}

TEST_CASE("the prelude's environment and folder hold for items, its time does not") {
    SampleRequest request = request_for(shell("echo $LOADED $PWD; type -t helper"), 4);
    request.manifest.prelude = {"sleep 0.5", "echo chatter", "export LOADED='yes it is'", "cd /",
                                "helper() { :; }; export -f helper"};
    request.manifest.sample.reuse = true;
    const SampleResult result = run_sample(request);
    CHECK(result.kept.front().out == "yes it is /\nfunction\n");
    for (const Sample& sample : result.profile.samples) CHECK(sample.seconds.value < 0.4);
}

TEST_CASE("a failing prelude is told from a failing item") {
    SampleRequest request = request_for(shell("true"), 4);
    request.manifest.prelude = {"echo 'no module gcc' >&2", "exit 1"};
    const Error error = error_of(request);
    CHECK(contains(error.what(), "the prelude failed with exit code 1"));
    CHECK(contains(error.what(), "no module gcc"));
}

TEST_CASE("what is not sampled says so and runs nothing") {
    SampleRequest request = request_for(shell("exit 1"), 4);
    request.manifest.mode = Mode::program;
    CHECK(contains(run_sample(request).not_sampled, "mode program"));
    request.manifest.kind = JobKind::mpi;
    CHECK(contains(run_sample(request).not_sampled, "mpi"));
}

TEST_CASE("a file that an item names gives its input size") {
    const Folder folder;
    std::ofstream(folder.path + "/data") << std::string(12345, 'x');
    SampleRequest request = request_for({{"cat", "{item}"}, false}, 1, folder.path);
    request.item = [](std::int64_t) { return "data"; };
    const SampleResult result = run_sample(request);
    CHECK(result.profile.samples[0].input == Bytes{12345});
    CHECK(result.profile.samples[0].output == Bytes{12345});
}

namespace {

int widest(const SampleResult& result) {
    int width = 0;
    for (const Sample& sample : result.profile.samples) width = std::max(width, sample.concurrency);
    return width;
}

}  // namespace

TEST_CASE("after single items, different ones run on all cores at once") {
    const Folder folder;
    SampleRequest request = request_for(
        shell("echo {item} >> ran; for ((i=0; i<60000; i++)); do :; done"), 1000, folder.path);
    request.cores = {{0}, {1}};
    const SampleResult result = run_sample(request);
    CHECK(widest(result) == 2);
    CHECK(folder.lines("ran") == static_cast<int>(result.items.size()));
    CHECK(contains(result.profile.origin, "more side by side"));
}

TEST_CASE("items that wait are tried wider than the cores, up to what memory and the list allow") {
    // Long enough that on a busy machine the items still overlap, and of a size that others do not
    // share.
    SampleRequest request = request_for(
        {{"perl", "-e", "my $held = 'x' x 30_000_000; select(undef, undef, undef, 0.5)"}, false},
        100);
    request.cores = {{0}, {1}};
    int tried = 0;
    Bytes each;
    for (int attempt = 0; attempt < 3 && tried <= 4; ++attempt) {
        const SampleResult result = run_sample(request);
        tried = widest(result);  // starts on a busy machine can hide the gain
        for (const Sample& sample : result.profile.samples)
            each = std::max(each, sample.peak_rss.value_or(Bytes{}));
    }
    CHECK(tried > 4);
    CHECK(each >= Bytes{30'000'000});
    request.memory = each * 10;
    int bounded = 0;
    for (int attempt = 0; attempt < 3 && bounded < 2; ++attempt)
        bounded = widest(run_sample(request));
    CHECK(bounded >= 2);
    CHECK(bounded <= 8);
}

TEST_CASE("no item is run twice where the list is short") {
    const Folder folder;
    SampleRequest request = request_for(shell("echo {item} >> ran; sleep 0.05"), 8, folder.path);
    request.cores = {{0}, {1}};
    const SampleResult result = run_sample(request);
    CHECK(folder.lines("ran") == static_cast<int>(result.items.size()));
    CHECK(result.items.size() <= 8);
}

TEST_CASE("one item that fails beside others stops the advice and says so") {
    const Folder folder;
    SampleRequest request = request_for(
        shell("mkdir busy || { echo 'port in use' >&2; exit 4; }; sleep 0.2; rmdir busy"), 100,
        folder.path);
    request.cores = {{0}, {1}};
    const Error error = error_of(request);
    CHECK(contains(error.what(), " side by side"));
    CHECK(contains(error.what(), "port in use"));
}

TEST_CASE("a round that the budget ends is left out") {
    SampleRequest request = request_for(shell("sleep 0.2"), 100);
    request.manifest.sample.size = 1;
    request.manifest.sample.budget = Seconds{0.5};
    request.cores = {{0}};
    const SampleResult result = run_sample(request);
    CHECK(widest(result) <= 4);  // one round at most
    CHECK(result.profile.cost.value < 3);
}

namespace {

/// A worker for mode stream: 0.3 s to start, 0.02 s an item.
const char* const kStreamWorker =
    "sleep 0.3; while read -r line; do sleep 0.02; echo \"did $line\"; done";

}  // namespace

TEST_CASE("a stream worker's start-up is told from its items") {
    SampleRequest request = request_for(shell(kStreamWorker), 100);
    request.manifest.mode = Mode::stream;
    request.manifest.sample.reuse = true;
    const SampleResult result = run_sample(request);
    CHECK(result.profile.samples.size() >= 5);
    REQUIRE(result.profile.worker_start);
    CHECK(result.profile.worker_start->value > 0.2);
    for (const Sample& sample : result.profile.samples) {
        // From answer to answer as they are read: one read late makes the next look shorter.
        CHECK(sample.seconds.value > 0.01);
        CHECK(sample.seconds.value < 0.25);
    }
    REQUIRE(result.warm_up);
    for (const KeptItem& kept : result.kept) CHECK(kept.out == fmt::format("did {}\n", kept.index));
}

TEST_CASE("stream workers run side by side too") {
    SampleRequest request = request_for(shell(kStreamWorker), 1000);
    request.manifest.mode = Mode::stream;
    request.cores = {{0}, {1}};
    CHECK(widest(run_sample(request)) >= 2);
}

TEST_CASE("a stream worker that breaks off, never answers or fails at the end is told apart") {
    SampleRequest request = request_for(
        shell("read -r line; echo one; read -r line; echo 'bad item' >&2; exit 5"), 100);
    request.manifest.mode = Mode::stream;
    Error error = error_of(request);
    CHECK(contains(error.what(), "exit code 5"));
    CHECK(contains(error.what(), "bad item"));

    request.manifest.command = shell("exec sleep 100");
    request.manifest.sample.timeout = Seconds{0.3};
    error = error_of(request);
    CHECK(contains(error.what(), "still running after its limit"));
    CHECK(contains(error.hint, "flushed"));

    request.manifest.command =
        shell("while read -r line; do echo ok; done; echo 'cannot save' >&2; exit 6");
    CHECK(contains(error_of(request).what(), "cannot save"));

    request.manifest.command = shell("exit 0");
    CHECK(contains(error_of(request).what(), "ended before it had answered"));
}

TEST_CASE("a stream item that is too long for the pipe does not block") {
    SampleRequest request = request_for(shell("while read -r line; do echo ${#line}; done"), 4);
    request.manifest.mode = Mode::stream;
    request.manifest.sample.reuse = true;
    request.item = [](std::int64_t) { return std::string(300000, 'x'); };
    const SampleResult result = run_sample(request);
    REQUIRE_FALSE(result.kept.empty());
    CHECK(result.kept[0].out == "300000\n");
}

TEST_CASE("in mode batch a start is told from the items") {
    SampleRequest request =
        request_for(shell("sleep 0.3; for i in {items}; do sleep 0.1; done"), 100);
    request.manifest.mode = Mode::batch;
    request.manifest.sample.size = 6;
    const SampleResult result = run_sample(request);
    REQUIRE(result.profile.worker_start);
    CHECK(result.profile.worker_start->value > 0.2);
    CHECK(result.profile.worker_start->value < 0.4);
    CHECK(result.profile.samples.size() >= 4);
}
