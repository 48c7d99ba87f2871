#include "advisor/cli/page/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advisor/cli/advice_words.hpp"
#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/ways_text.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr std::size_t kMostSamples = 500;

struct Column {
    std::string heading;
    bool number = false;
};

struct Row {
    std::vector<std::string> cells;
    bool chosen = false;
};

std::string cell(const char* element, const Column& column, const std::string& text) {
    return fmt::format("<{0}{1}>{2}</{0}>", element, column.number ? " class=\"number\"" : "",
                       escaped(text));
}

std::string table(const std::vector<Column>& columns, const std::vector<Row>& rows) {
    if (rows.empty()) return {};
    std::string out = "<div class=\"scroll\"><table>\n<thead><tr>";
    for (const Column& column : columns) out += cell("th", column, column.heading);
    out += "</tr></thead>\n<tbody>\n";
    for (const Row& row : rows) {
        out += row.chosen ? "<tr class=\"chosen\">" : "<tr>";
        for (std::size_t i = 0; i < columns.size(); ++i)
            out += cell("td", columns[i], row.cells[i]);
        out += "</tr>\n";
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string hours(double core_hours) {
    return core_hours < 0.001 ? "< 0.001" : to_text(core_hours);
}

std::string domains_of(const NodeOffer& node, const RankPlan& rank) {
    if (rank.domains.empty()) return "any";
    std::vector<int> numbers;
    for (const int domain : rank.domains)
        numbers.push_back(node.topology.domains[static_cast<std::size_t>(domain)].os_index);
    return fmt::format("{}", fmt::join(numbers, ", "));
}

}  // namespace

std::string curve_table(const std::vector<CurvePoint>& curve, bool over_nodes) {
    std::vector<Row> rows;
    for (const CurvePoint& point : curve) {
        const auto count = static_cast<std::int64_t>(over_nodes ? point.nodes : point.workers);
        rows.push_back({{to_text(count) + (point.allowed ? "" : " (over your limit)"),
                         to_text(point.wall.p50), to_text(point.wall.p95),
                         to_text(point.speedup) + " x", to_text(point.speedup_p95) + " x",
                         hours(point.core_hours), to_text(point.memory_per_node)}});
    }
    return table({{over_nodes ? "nodes" : "workers", true},
                  {"expected", true},
                  {"at 95 %", true},
                  {"speed-up", true},
                  {"at 95 %", true},
                  {"core hours", true},
                  {"memory of a node", true}},
                 rows);
}

std::string ranks_table(const NodeOffer& node, const Plan& plan) {
    const bool settled = plan.layout.ranks_per_node == 1 || !plan.ranks.front().domains.empty();
    if (!settled) return {};  // a program's ranks, which the launcher places in turn
    std::vector<Row> rows;
    for (int i = 0; i < plan.layout.ranks_per_node; ++i) {
        const RankPlan& rank = plan.ranks[static_cast<std::size_t>(i)];
        rows.push_back({{to_text(std::int64_t{rank.rank}), domains_of(node, rank),
                         to_text(std::int64_t{rank.workers}), to_text(rank.items)}});
    }
    return table({{"rank", true}, {"NUMA domain", true}, {"workers", true}, {"items", true}}, rows);
}

std::string samples_table(const JobProfile& profile) {
    std::vector<Row> rows;
    for (const Sample& sample : profile.samples) {
        if (rows.size() == kMostSamples) break;
        rows.push_back({{sample.item.value_or(""), to_text(sample.seconds),
                         sample.peak_rss ? to_text(*sample.peak_rss) : "not measured",
                         to_text(std::int64_t{sample.concurrency})}});
    }
    const std::size_t left = profile.samples.size() - rows.size();
    return table({{"item"}, {"time", true}, {"peak memory", true}, {"side by side", true}}, rows) +
           (left == 0
                ? ""
                : fmt::format("<p>and {} more</p>\n", to_text(static_cast<std::int64_t>(left))));
}

std::string ways_table(const Advice& advice) {
    const std::vector<Way> ways = ways_of(advice);
    if (ways.empty()) return {};
    const bool queued = advice.plan->predicted.queue.has_value();
    std::vector<Row> rows;
    for (const Way& way : ways) {
        const Prediction& predicted = way.plan->predicted;
        Row row{{in_brief(*way.plan, advice), to_text(predicted.wall.p50),
                 hours(predicted.core_hours), to_text(predicted.memory_per_node)},
                way.chosen};
        if (queued) row.cells.push_back(predicted.queue ? to_text(*predicted.queue) : "not asked");
        row.cells.push_back(way.unbeaten ? "yes" : "");
        row.cells.push_back(way.chosen ? "this is the plan" : way.against);
        rows.push_back(std::move(row));
    }
    std::vector<Column> columns{
        {"way"}, {"expected", true}, {"core hours", true}, {"memory of a node", true}};
    if (queued) columns.push_back({"queue", true});
    columns.push_back({"unbeaten"});
    columns.push_back({"beside the plan"});
    return "<p class=\"quiet\">Unbeaten: nothing compared is better in time or core hours without "
           "being worse in the other.</p>\n" +
           table(columns, rows);
}

std::string basis_table(const Advice& advice) {
    std::vector<Row> rows;
    for (const Fact& fact : advice.basis)
        rows.push_back({{fact.name, fact.value, name_of(fact.source), fact.origin}});
    return table({{"what"}, {"figure"}, {"how"}, {"from"}}, rows);
}

}  // namespace amorsize::cli::page
