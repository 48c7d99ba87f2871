#include "advisor/core/node_survey.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace amorsize {

namespace {

constexpr double kBinRatio = 1.005;
/// For what is not above zero, such as a fork cost lost in noise.
constexpr int kZeroBin = -1'000'000;

int bin_of(double value) {
    if (!(value > 0)) return kZeroBin;
    return static_cast<int>(std::lround(std::log(value) / std::log(kBinRatio)));
}

double value_of(int bin) {
    return bin == kZeroBin ? 0 : std::pow(kBinRatio, bin);
}

template <class Before>
void keep_first(std::vector<HostValue>& values, Before before) {
    std::sort(values.begin(), values.end(), before);
    if (values.size() > FigureSummary::kNamed) values.resize(FigureSummary::kNamed);
}

template <class Before>
void insert(std::vector<HostValue>& values, const HostValue& value, Before before) {
    if (values.size() == FigureSummary::kNamed && !before(value, values.back())) return;
    values.push_back(value);
    keep_first(values, before);
}

void take_least(std::vector<Bytes>& own, const std::vector<Bytes>& other) {
    if (own.size() != other.size()) {
        own.clear();
        return;
    }
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = std::min(own[i], other[i]);
}

void fold_into(NodeGroup& group, NodeGroup&& more) {
    if (more.sample_host < group.sample_host) {
        group.sample_host = std::move(more.sample_host);
        group.topology_xml = std::move(more.topology_xml);
        group.described = std::move(more.described);
        group.cross_bandwidth = std::move(more.cross_bandwidth);
    }
    group.hosts.add(more.hosts);
    group.memory = std::min(group.memory, more.memory);
    take_least(group.memory_per_domain, more.memory_per_domain);
    for (std::size_t i = 0; i < group.figures.size(); ++i) group.figures[i].add(more.figures[i]);
    group.spread = widest(group.spread, more.spread);
    group.remarks.add(more.remarks);
}

}  // namespace

void FigureSummary::add(const HostValue& value) {
    if (!std::isfinite(value.value)) return;
    ++bins_[bin_of(value.value)];
    insert(lowest_, value, std::less<>());
    insert(highest_, value, std::greater<>());
}

void FigureSummary::add(const FigureSummary& other) {
    for (const auto& [bin, nodes] : other.bins_) bins_[bin] += nodes;
    for (const HostValue& value : other.lowest_) insert(lowest_, value, std::less<>());
    for (const HostValue& value : other.highest_) insert(highest_, value, std::greater<>());
}

FigureSummary FigureSummary::restored(Bins bins, std::vector<HostValue> lowest,
                                      std::vector<HostValue> highest) {
    FigureSummary summary;
    summary.bins_ = std::move(bins);
    summary.lowest_ = std::move(lowest);
    summary.highest_ = std::move(highest);
    return summary;
}

std::int64_t FigureSummary::count() const {
    std::int64_t sum = 0;
    for (const auto& [bin, nodes] : bins_) sum += nodes;
    return sum;
}

double FigureSummary::at_rank(std::int64_t index) const {
    const std::int64_t from_above = count() - 1 - index;
    if (index < static_cast<std::int64_t>(lowest_.size()))
        return lowest_[static_cast<std::size_t>(index)].value;
    if (from_above < static_cast<std::int64_t>(highest_.size()))
        return highest_[static_cast<std::size_t>(from_above)].value;
    for (const auto& [bin, nodes] : bins_) {
        index -= nodes;
        if (index < 0) return value_of(bin);
    }
    return 0;
}

double FigureSummary::median() const {
    const std::int64_t nodes = count();
    return (at_rank((nodes - 1) / 2) + at_rank(nodes / 2)) / 2;
}

double FigureSummary::median_deviation() const {
    const double middle = median();
    const std::int64_t nodes = count();
    std::vector<std::pair<double, std::int64_t>> distances;
    for (const auto& [bin, in_bin] : bins_)
        distances.emplace_back(std::abs(value_of(bin) - middle), in_bin);
    std::sort(distances.begin(), distances.end());
    std::int64_t seen = 0;
    for (const auto& [distance, in_bin] : distances) {
        seen += in_bin;
        if (2 * seen >= nodes) return distance;
    }
    return 0;
}

std::int64_t FigureSummary::count_below(double value) const {
    std::int64_t sum = 0;
    for (const auto& [bin, nodes] : bins_)
        if (bin < bin_of(value)) sum += nodes;
    return sum;
}

std::int64_t FigureSummary::count_above(double value) const {
    std::int64_t sum = 0;
    for (const auto& [bin, nodes] : bins_)
        if (bin > bin_of(value)) sum += nodes;
    return sum;
}

void Remarks::add(const std::string& text, std::int64_t nodes) {
    counts_[text] += nodes;
    if (counts_.size() > kMost) counts_.erase(std::prev(counts_.end()));
}

void Remarks::add(const Remarks& other) {
    for (const auto& [text, nodes] : other.counts_) add(text, nodes);
}

NodeSurvey survey_of(NodeGroup one_node) {
    NodeSurvey survey;
    std::string key = one_node.hardware + " | " + one_node.usable;
    survey.groups.emplace(std::move(key), std::move(one_node));
    return survey;
}

NodeSurvey fold(NodeSurvey survey, NodeSurvey more) {
    for (auto& [key, group] : more.groups) {
        const auto known = survey.groups.find(key);
        if (known == survey.groups.end()) {
            survey.groups.emplace(key, std::move(group));
        } else {
            fold_into(known->second, std::move(group));
        }
    }
    survey.ranks.add(more.ranks);
    survey.troubles.add(more.troubles);
    return survey;
}

std::int64_t node_count(const NodeSurvey& survey) {
    return hosts_of(survey).size();
}

HostList hosts_of(const NodeSurvey& survey) {
    HostList hosts;
    for (const auto& [key, group] : survey.groups) hosts.add(group.hosts);
    return hosts;
}

}  // namespace amorsize
