#include "advisor/io/plan_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "advisor/core/error.hpp"
#include "advisor/io/advice_json.hpp"
#include "advisor/io/diagnostics.hpp"
#include "advisor/io/manifest_section.hpp"
#include "advisor/io/manifest_value.hpp"
#include "advisor/io/plan_words.hpp"
#include "advisor/io/read_file.hpp"
#include "advisor/io/yaml_section.hpp"
#include "advisor/io/yaml_text.hpp"
#include "advisor/io/yaml_tree.hpp"

namespace amorsize {

namespace {

using yaml::Section;

// A plan names every rank: 100,000 ranks take some 10 MB.
constexpr yaml::TreeLimits kPlanLimits{std::size_t{128} << 20, 8'000'000, 32};
constexpr const char* kWrittenBy = "write the plan again with amorsize-advise";

/// Reads keys that a plan must have.
class PlanSection {
public:
    explicit PlanSection(Section section) : section_(std::move(section)) {}

    int whole(const std::string& key, int least) {
        return required(key, section_.small_integer(key, least));
    }
    std::int64_t count(const std::string& key, std::int64_t least) {
        return required(key, section_.integer(key, {least}));
    }
    std::string text(const std::string& key) { return required(key, section_.text(key)); }
    bool truth(const std::string& key) { return required(key, section_.boolean(key)); }
    double figure(const std::string& key) {
        const auto number = section_.number(key);
        if (number && *number < 0) section_.fault(key, "is negative", kWrittenBy);
        return required(key, number);
    }
    bool is_null(const std::string& key) {
        const yaml::Node* node = section_.node(key);
        return node != nullptr && node->kind == yaml::Kind::null;
    }
    /// Null where it is not known.
    std::optional<double> figure_or_null(const std::string& key) {
        if (is_null(key)) return std::nullopt;
        return figure(key);
    }
    template <class E>
    E word(const std::string& key, const yaml::Words<E>& words) {
        const auto found = section_.word(key, words);
        section_.missing(key, "the plan is not complete", kWrittenBy);
        return found.value_or(words.front().second);
    }
    Section& section() { return section_; }

private:
    template <class T>
    T required(const std::string& key, const std::optional<T>& value) {
        section_.missing(key, "the plan is not complete", kWrittenBy);
        return value.value_or(T{});
    }

    Section section_;
};

std::optional<PlanSection> part(Section& top, const std::string& key) {
    top.missing(key, "the plan is not complete", kWrittenBy);
    auto section = top.section(key);
    return section ? std::optional(PlanSection(*section)) : std::nullopt;
}

Layout read_layout(Section& top) {
    Layout layout;
    auto part_ = part(top, "layout");
    if (!part_) return layout;
    layout.nodes = part_->whole("nodes", 1);
    layout.ranks_per_node = part_->whole("ranks_per_node", 1);
    layout.workers_per_rank = part_->whole("workers_per_rank", 1);
    layout.workers = part_->whole("workers", 1);
    layout.cpus_per_worker = part_->whole("cpus_per_worker", 1);
    layout.threads_per_core = part_->whole("threads_per_core", 1);
    layout.chunk = part_->count("chunk", 1);
    layout.schedule = part_->word("schedule", schedules());
    part_->section().skip({"ranks"});
    part_->section().finish();
    return layout;
}

std::vector<int> read_domains(Section& section) {
    std::vector<int> domains;
    const auto words = section.texts("numa");
    for (const std::string& word : words.value_or(std::vector<std::string>{})) {
        const Parsed<std::int64_t> number = parse_integer(word);
        const bool fits = number && *number.value >= 0 && *number.value < 1'000'000;
        if (fits) domains.push_back(static_cast<int>(*number.value));
        if (!fits)
            section.fault("numa", fmt::format("{} is no number of a NUMA domain", in_quotes(word)),
                          kWrittenBy);
    }
    return domains;
}

std::vector<RankPlan> read_ranks(Section& top) {
    std::vector<RankPlan> ranks;
    top.missing("ranks", "the plan is not complete", kWrittenBy);
    for (Section& section : top.sections("ranks").value_or(std::vector<Section>{})) {
        PlanSection entry(section);
        RankPlan rank;
        rank.rank = entry.whole("rank", 0);
        rank.node_class = entry.text("node_class");
        rank.domains = read_domains(entry.section());
        rank.workers = entry.whole("workers", 1);
        rank.chunk = entry.count("chunk", 1);
        rank.chunks = entry.count("chunks", 0);
        rank.items = entry.count("items", 0);
        entry.section().finish();
        const bool in_order = rank.rank == static_cast<int>(ranks.size());
        if (!in_order)
            section.fault("rank",
                          fmt::format("is {} where rank {} is due", rank.rank, ranks.size()),
                          kWrittenBy);
        ranks.push_back(std::move(rank));
    }
    return ranks;
}

std::optional<Pieces> read_pieces(Section& request) {
    auto part_ = part(request, "pieces");
    if (!part_) return std::nullopt;
    const Pieces pieces{part_->whole("most", 1), Seconds{part_->figure("stop_after_seconds")},
                        Seconds{part_->figure("grace_seconds")}};
    part_->section().finish();
    return pieces;
}

std::optional<ArrayPlan> read_array(Section& request) {
    auto part_ = part(request, "array");
    if (!part_) return std::nullopt;
    ArrayPlan array;
    array.elements = part_->whole("elements", 1);
    array.at_once = part_->whole("at_once", 1);
    array.items_each = part_->count("items_each", 1);
    array.element = {Seconds{part_->figure_or_null("element_seconds_p50").value_or(0)},
                     Seconds{part_->figure_or_null("element_seconds_p95").value_or(0)}};
    part_->section().finish();
    return array;
}

Request read_request(Section& top) {
    Request request;
    auto part_ = part(top, "request");
    if (!part_) return request;
    request.nodes = part_->whole("nodes", 1);
    request.ntasks = part_->whole("ntasks", 1);
    request.ntasks_per_node = part_->whole("ntasks_per_node", 1);
    request.cpus_per_task = part_->whole("cpus_per_task", 1);
    request.mem_mib_per_node = part_->count("mem_mib_per_node", 0);
    request.time_limit = Seconds{part_->figure("time_limit_seconds")};
    request.partition = part_->text("partition");
    request.constraint = part_->text("constraint");
    request.whole_node = part_->truth("whole_node");
    request.threads_per_core = part_->whole("threads_per_core", 0);
    request.gpus_per_task = part_->whole("gpus_per_task", 0);
    if (part_->section().has("pieces")) request.pieces = read_pieces(part_->section());
    if (part_->section().has("array")) request.array = read_array(part_->section());
    part_->section().skip({"directives"});
    part_->section().finish();
    return request;
}

Prediction read_prediction(Section& top) {
    Prediction predicted;
    auto part_ = part(top, "predicted");
    if (!part_) return predicted;
    if (part_->is_null("wall_seconds")) {
        part_->section().skip({"item_times", "serial_seconds", "core_hours"});
    } else {
        predicted.item_times =
            part_->section().word("item_times", sources()).value_or(Source::assumed);
        if (auto wall = part(part_->section(), "wall_seconds")) {
            predicted.wall = {Seconds{wall->figure("p50")}, Seconds{wall->figure("p95")}};
            wall->section().finish();
        }
        predicted.serial = Seconds{part_->figure("serial_seconds")};
        predicted.core_hours = part_->figure("core_hours");
    }
    predicted.speedup = part_->figure_or_null("speedup");
    if (const auto busy = part_->figure_or_null("busy")) predicted.busy = Fraction{*busy};
    const auto mebibytes = [&](const char* key, std::int64_t most) {
        return Bytes{part_->section().integer(key, {0, most}).value_or(0) * kMiB.value};
    };
    predicted.memory_per_node = mebibytes("mem_mib_per_node", std::int64_t{1} << 42);
    for (const auto& [key, figure] :
         {std::pair("mem_mib_once", &Prediction::memory_once),
          std::pair("mem_mib_in_common", &Prediction::memory_in_common)}) {
        const std::int64_t most = predicted.memory_per_node.value / kMiB.value;
        if (part_->section().has(key)) predicted.*figure = mebibytes(key, most);
    }
    const yaml::Node* queue = part_->section().node("queue_seconds");
    if (queue != nullptr) {
        if (const auto wait = part_->figure_or_null("queue_seconds"))
            predicted.queue = Seconds{*wait};
    }
    part_->section().finish();
    return predicted;
}

Manifest read_job(Section& top) {
    auto part_ = part(top, "job");
    if (!part_) return {};
    const std::string directory = part_->text("directory");
    if (!directory.empty() && directory.front() != '/')
        part_->section().fault("directory", "is not an absolute path", kWrittenBy);
    return manifest_of(part_->section(), "job", directory);
}

nlohmann::ordered_json or_null(const std::optional<Bytes>& bytes) {
    return bytes ? nlohmann::ordered_json(bytes->value) : nlohmann::ordered_json();
}

nlohmann::ordered_json history_value(const JobInstance& instance, const PlannedItems& items) {
    nlohmann::ordered_json co_runs = nlohmann::ordered_json::array();
    for (const CoRun& run : items.co_runs)
        co_runs.push_back({{"workers", run.workers}, {"throughput", run.throughput}});
    return {{"command", instance.job.command},
            {"binary", instance.job.binary},
            {"arguments", instance.job.arguments},
            {"partition_class", instance.job.partition_class},
            {"input_bytes", or_null(instance.input)},
            {"memory_per_worker_bytes", or_null(items.memory)},
            {"slowdown", items.slowdown},
            {"co_runs", co_runs}};
}

std::optional<Bytes> bytes_or_null(PlanSection& section, const std::string& key) {
    const auto figure = section.figure_or_null(key);
    if (!figure) return std::nullopt;
    return Bytes{static_cast<std::int64_t>(std::min(*figure, 9e18))};
}

void read_history(Section& top, PlannedJob& planned) {
    auto section = top.section("history");
    if (!section) return;
    PlanSection part_(*section);
    JobInstance instance;
    instance.job = {part_.text("command"), part_.text("binary"), part_.text("arguments"),
                    part_.text("partition_class")};
    instance.input = bytes_or_null(part_, "input_bytes");
    planned.plan.items.memory = bytes_or_null(part_, "memory_per_worker_bytes");
    planned.plan.items.slowdown = part_.figure("slowdown");
    for (Section& entry : part_.section().sections("co_runs").value_or(std::vector<Section>{})) {
        PlanSection run(entry);
        planned.plan.items.co_runs.push_back({run.whole("workers", 1), run.figure("throughput")});
        run.section().finish();
    }
    part_.section().finish();
    planned.remembered_as = std::move(instance);
}

void check_consistency(Section& top, const PlannedJob& planned) {
    const auto ranks = static_cast<std::int64_t>(planned.plan.ranks.size());
    const Layout& layout = planned.plan.layout;
    const std::int64_t expected = std::int64_t{layout.nodes} * layout.ranks_per_node;
    if (top.has("ranks") && top.has("layout") && ranks != expected) {
        top.fault("ranks", fmt::format("lists {} ranks, but the layout has {}", ranks, expected),
                  kWrittenBy);
    }
}

}  // namespace

std::string write_plan(const Manifest& manifest, std::int64_t items, const Advice& advice,
                       const LaunchArguments& launch, const std::vector<std::string>& directives,
                       const std::optional<JobInstance>& remembered_as) {
    if (!advice.plan)
        throw Error(ExitCode::bad_input,
                    fmt::format("there is no plan for {} to write", manifest.name));
    if (!is_utf8(manifest.directory)) {
        throw Error(ExitCode::bad_input,
                    "the path of the manifest's folder is not UTF-8, so that no plan can name it",
                    "rename the folder, or copy the job elsewhere");
    }
    nlohmann::ordered_json json{{"amorsize", 1}, {"name", manifest.name}, {"items", items}};
    json.update(advice_value(advice, launch, directives));
    json["job"] = manifest_value(manifest);
    json["job"]["directory"] = manifest.directory;
    if (remembered_as) json["history"] = history_value(*remembered_as, advice.plan->items);
    return yaml_text(json);
}

PlannedJob parse_plan(std::string_view text, const std::string& file_name) {
    const std::string_view body = without_bom(text);
    Diagnostics faults(file_name, body);
    const auto root = yaml::parse(body, faults, kPlanLimits);
    auto top = yaml::top_section(root, "plan", faults);
    if (!top) faults.throw_if_any();

    PlannedJob planned;
    check_version(*top);
    PlanSection whole(*top);
    planned.items = whole.count("items", 0);
    planned.verdict = whole.word("verdict", verdicts());
    if (planned.verdict == Verdict::infeasible)
        whole.section().fault("verdict", "is infeasible: there is nothing to run", kWrittenBy);
    planned.plan.layout = read_layout(whole.section());
    planned.plan.ranks = read_ranks(whole.section());
    planned.plan.request = read_request(whole.section());
    planned.plan.predicted = read_prediction(whole.section());
    planned.job = read_job(whole.section());
    read_history(whole.section(), planned);
    check_consistency(whole.section(), planned);
    whole.section().skip({"amorsize", "name", "strategy", "launch", "reasons", "warnings",
                          "alternatives", "pareto", "basis"});
    whole.section().finish();
    faults.throw_if_any();
    return planned;
}

PlannedJob read_plan(const std::string& path) {
    return parse_plan(read_text_file(path, "plan", kPlanLimits.bytes), path);
}

}  // namespace amorsize
