#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "advisor/cli/plot/advice_plot.hpp"
#include "advisor/cli/shown_figures.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::plot {

namespace {

constexpr int kBar = 32;
constexpr std::size_t kMostRows = 16;

std::string who(const DomainUse& use, bool placed) {
    if (use.cores == 0 || !placed) return "";
    if (use.ranks.size() == 1) return fmt::format("rank {}", use.ranks.front());
    return fmt::format("ranks {}-{}", use.ranks.front(), use.ranks.back());
}

/// The package that each domain lies in.
std::map<int, int> packages_of(const Topology& topology) {
    std::map<int, int> packages;
    for (const Core& core : topology.cores) packages.emplace(core.domain, core.package);
    return packages;
}

}  // namespace

std::string node_plot(const NodeOffer& node, const Advice& advice, Glyphs glyphs) {
    const Topology& topology = node.topology;
    if (topology.domains.empty()) return {};
    std::optional<Occupation> occupation;
    if (advice.plan) occupation = occupation_of(topology, *advice.plan);
    int widest = 1;
    for (std::size_t d = 0; d < topology.domains.size(); ++d)
        widest = std::max(widest, cores_of_domain(topology, static_cast<int>(d)));
    const int per_mark = (widest + kBar - 1) / kBar;
    const int width = (widest + per_mark - 1) / per_mark;
    std::map<int, int> packages = packages_of(topology);

    std::string out = fmt::format("a node: {}\n", node_words(topology, occupation));
    const bool placed = !occupation || occupation->placed;
    const std::size_t shown = std::min(topology.domains.size(), kMostRows);
    for (std::size_t d = 0; d < shown; ++d) {
        const auto index = static_cast<int>(d);
        const int cores = cores_of_domain(topology, index);
        const DomainUse use = occupation ? occupation->domains[d] : DomainUse{};
        const int all = columns(cores, widest, width);
        const int taken = std::min(all, columns(use.cores, widest, width));
        const Bytes memory = d < node.memory_per_domain.size() ? node.memory_per_domain[d]
                                                               : topology.domains[d].memory;
        const std::string size = memory > Bytes{0} ? to_text(memory) : std::string();
        out += fmt::format(
            "  package {:<3} NUMA {:<3} {:>9}  {}{}{}  {}\n", packages[index],
            topology.domains[d].os_index, size, repeated(placed ? glyphs.full : glyphs.band, taken),
            repeated(glyphs.room, all - taken),
            std::string(static_cast<std::size_t>(width - all), ' '), who(use, placed));
    }
    if (topology.domains.size() > shown)
        out += fmt::format(
            "  and {} more\n",
            counted(static_cast<std::int64_t>(topology.domains.size() - shown), "NUMA domain"));
    for (const NumaDomain& domain : topology.memory_only) {
        const std::string size = domain.memory > Bytes{0} ? to_text(domain.memory) : std::string();
        out += fmt::format("  {:<11} NUMA {:<3} {:>9}  memory only\n", "", domain.os_index, size);
    }
    const std::string scale =
        per_mark == 1 ? "a mark is a core" : fmt::format("a mark is {} cores", per_mark);
    return out + fmt::format("{:33}{} {}  {} free; {}\n", "", placed ? glyphs.full : glyphs.band,
                             placed ? "taken" : "taken, any of them", glyphs.room, scale);
}

}  // namespace amorsize::cli::plot
