#include "advisor/io/run_columns.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace amorsize {

namespace {

using Json = nlohmann::json;

constexpr std::pair<RunOutcome, const char*> kOutcomes[]{
    {RunOutcome::completed, "completed"},
    {RunOutcome::failed, "failed"},
    {RunOutcome::out_of_memory, "out of memory"},
    {RunOutcome::time_limit, "time limit"},
    {RunOutcome::stopped, "stopped"}};

template <class Unit, class Rep>
Json or_null(const std::optional<Quantity<Unit, Rep>>& quantity) {
    return quantity ? Json(quantity->value) : Json();
}

template <class Unit, class Rep>
void set(std::optional<Quantity<Unit, Rep>>& quantity, const Json& value) {
    if (value.is_number()) quantity = Quantity<Unit, Rep>{value.get<Rep>()};
}

/// The arrays of at least `width` elements; none of a text that is no such list.
std::vector<Json> rows_of(const std::string& text, std::size_t width) {
    const Json list = Json::parse(text, nullptr, false);
    std::vector<Json> rows;
    if (!list.is_array()) return rows;
    for (const Json& row : list) {
        if (row.is_array() && row.size() >= width && row[0].is_number()) rows.push_back(row);
    }
    return rows;
}

}  // namespace

const char* name_of(RunOutcome outcome) {
    for (const auto& [value, name] : kOutcomes) {
        if (value == outcome) return name;
    }
    return "stopped";
}

RunOutcome outcome_named(const std::string& word) {
    for (const auto& [value, name] : kOutcomes) {
        if (word == name) return value;
    }
    return RunOutcome::stopped;
}

std::string co_runs_text(const std::vector<CoRun>& runs) {
    Json list = Json::array();
    for (const CoRun& run : runs) list.push_back({run.workers, run.throughput});
    return list.dump();
}

std::vector<CoRun> co_runs_of(const std::string& text) {
    std::vector<CoRun> runs;
    for (const Json& row : rows_of(text, 2)) {
        if (!row[0].is_number_integer() || !row[1].is_number()) continue;
        const CoRun run{row[0].get<int>(), row[1].get<double>()};
        if (run.workers > 1 && run.throughput > 0) runs.push_back(run);
    }
    return runs;
}

std::string samples_text(const std::vector<Sample>& samples) {
    Json list = Json::array();
    for (const Sample& sample : samples) {
        list.push_back({sample.seconds.value, or_null(sample.peak_rss), or_null(sample.user),
                        or_null(sample.system), or_null(sample.input)});
    }
    return list.dump();
}

std::vector<Sample> samples_of(const std::string& text) {
    std::vector<Sample> samples;
    for (const Json& row : rows_of(text, 5)) {
        Sample sample;
        sample.seconds = {row[0].get<double>()};
        set(sample.peak_rss, row[1]);
        set(sample.user, row[2]);
        set(sample.system, row[3]);
        set(sample.input, row[4]);
        if (std::isfinite(sample.seconds.value) && sample.seconds.value >= 0)
            samples.push_back(sample);
    }
    return samples;
}

}  // namespace amorsize
