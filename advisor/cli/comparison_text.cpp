#include "advisor/cli/comparison_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "advisor/core/explain.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli {

namespace {

const char* shared_by(RowOf row) {
    switch (row) {
        case RowOf::layout:
            return "";
        case RowOf::ranks:
            return "; a row is the best of those with the same nodes and ranks";
        case RowOf::nodes:
            return "; a row is the best of those with the same nodes";
        case RowOf::kind:
            return "; a row is the best of those on a kind of node";
    }
    return "";
}

std::string range_text(const CountRange& range) {
    const auto count = [](int one) { return to_text(std::int64_t{one}); };
    return range.fewest == range.most ? count(range.most)
                                      : count(range.fewest) + " to " + count(range.most);
}

/// What was folded into the row: how many layouts, and of what.
std::string folded_text(const ComparedLayouts& row, RowOf rows) {
    const CountRange& range = rows == RowOf::kind ? row.nodes : row.workers_per_node;
    return fmt::format("{} ({})", to_text(row.layouts), range_text(range));
}

std::string cost_text(const ComparedLayouts& row) {
    if (!row.wall) return "-";
    return row.core_hours < 0.001 ? "< 0.001" : to_text(row.core_hours);
}

using Table = std::vector<std::vector<std::string>>;

Table table_of(const Comparison& comparison) {
    std::set<std::string> kinds;
    for (const ComparedLayouts& row : comparison.rows) kinds.insert(row.kind);
    const bool several_kinds = kinds.size() > 1;
    const bool is_folded = comparison.row != RowOf::layout;
    const auto cells = [&](std::string kind, std::vector<std::string> middle, std::string best_of,
                           std::string against) {
        std::vector<std::string> line;
        if (several_kinds) line.push_back(std::move(kind));
        line.insert(line.end(), middle.begin(), middle.end());
        if (is_folded) line.push_back(std::move(best_of));
        line.push_back(std::move(against));
        return line;
    };
    Table table{
        cells("node", {"nodes", "ranks", "workers", "chunk", "time", "core hours"},
              comparison.row == RowOf::kind ? "best of (nodes)" : "best of (workers a node)", "")};
    for (const ComparedLayouts& row : comparison.rows) {
        const Layout& best = row.best;
        table.push_back(
            cells(row.kind,
                  {to_text(std::int64_t{best.nodes}), to_text(std::int64_t{best.ranks()}),
                   to_text(std::int64_t{best.workers}), to_text(best.chunk),
                   row.wall ? to_text(*row.wall) : "-", cost_text(row)},
                  folded_text(row, comparison.row), row.against ? text(*row.against) : "taken"));
    }
    return table;
}

}  // namespace

std::vector<std::string> comparison_lines(const Comparison& comparison) {
    std::vector<std::string> lines{
        fmt::format("{}{}", counted(comparison.layouts, "layout"), shared_by(comparison.row))};
    const Table table = table_of(comparison);
    std::vector<std::size_t> widths(table.front().size());
    for (const auto& cells : table) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], cells[i].size());
    }
    for (const auto& cells : table) {
        std::string line;
        for (std::size_t i = 0; i + 1 < cells.size(); ++i)
            line += fmt::format("{:<{}}  ", cells[i], widths[i]);
        line += cells.back();
        lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
    }
    return lines;
}

}  // namespace amorsize::cli
