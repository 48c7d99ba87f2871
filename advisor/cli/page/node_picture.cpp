#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/cli/shown_figures.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr double kGap = 8;
constexpr double kMargin = 6;
constexpr double kCaption = 20;
constexpr int kMostDomains = 64;
constexpr std::size_t kWidestRange = 5;  // beside the word "ranks"
constexpr int kMostDrawnCores = 256;     // of one domain; more squares show less than a count

std::string who(const DomainUse& use) {
    if (use.ranks.size() == 1) return fmt::format("rank {}", use.ranks.front());
    const std::string range = fmt::format("{}-{}", use.ranks.front(), use.ranks.back());
    return range.size() > kWidestRange ? range : "ranks " + range;
}

/// Boxes in rows, each row within one package.
struct Grid {
    int columns = 1;
    double width = 0;   ///< of a box
    double height = 0;  ///< of a box
    double side = 0;    ///< of a core and the gap behind it
    int across = 1;     ///< cores in a row of a box
};

Grid grid_for(const Topology& topology, int most_boxes_of_a_package) {
    int widest = 1;
    for (int d = 0; d < static_cast<int>(topology.domains.size()); ++d)
        widest = std::max(widest, std::min(cores_of_domain(topology, d), kMostDrawnCores));
    Grid grid;
    grid.columns = std::min(most_boxes_of_a_package, 4);
    grid.width = (kPictureWidth - 2 * kMargin - kGap * (grid.columns - 1)) / grid.columns;
    const double room = grid.width - 2 * kMargin;
    grid.across = std::max(1, static_cast<int>(room / (widest > 32 ? 10 : 16)));
    grid.across = std::min(grid.across, std::max(widest, 4));
    grid.side = std::min(room / grid.across, 16.0);
    const int rows = (widest + grid.across - 1) / grid.across;
    grid.height = 42 + grid.side * rows + kMargin / 2;
    return grid;
}

class NodeDrawing {
public:
    NodeDrawing(const NodeOffer& node, const std::optional<Occupation>& occupation)
        : node_(node), topology_(node.topology), occupation_(occupation) {}

    std::string body(double top) {
        std::vector<std::vector<int>> packages(
            static_cast<std::size_t>(std::max(1, topology_.packages)));
        std::vector<bool> placed(topology_.domains.size());
        for (const Core& core : topology_.cores) {
            const auto domain = static_cast<std::size_t>(core.domain);
            if (placed[domain]) continue;
            placed[domain] = true;
            packages[static_cast<std::size_t>(core.package) % packages.size()].push_back(
                core.domain);
        }
        std::size_t most = 1;
        for (const auto& package : packages) most = std::max(most, package.size());
        grid_ = grid_for(topology_, static_cast<int>(most));
        bottom_ = top;
        std::string out;
        for (std::size_t i = 0; i < packages.size(); ++i) {
            if (!packages[i].empty()) out += package(static_cast<int>(i), packages[i]);
        }
        return out + memory_only();
    }

    double bottom() const { return bottom_; }

private:
    std::string package(int number, const std::vector<int>& domains) {
        const double top = bottom_;
        const auto rows = (static_cast<int>(domains.size()) + grid_.columns - 1) / grid_.columns;
        const double height = kCaption + rows * (grid_.height + kGap) - kGap + kMargin;
        std::string out = svg_rect(1, top, kPictureWidth - 2, height, "package");
        out += svg_text(kMargin, top + 14, fmt::format("package {}", number), "tick");
        for (std::size_t i = 0; i < domains.size(); ++i) {
            const auto at = static_cast<int>(i);
            const int row = at / grid_.columns;
            const int column = at % grid_.columns;
            out += domain(domains[i], kMargin + column * (grid_.width + kGap),
                          top + kCaption + row * (grid_.height + kGap));
        }
        bottom_ = top + height + kGap;
        return out;
    }

    std::string domain(int index, double left, double top) const {
        const auto at = static_cast<std::size_t>(index);
        const DomainUse use = occupation_ ? occupation_->domains[at] : DomainUse{};
        const bool settled = use.cores > 0 && occupation_->placed;
        const Bytes memory = at < node_.memory_per_domain.size() ? node_.memory_per_domain[at]
                                                                 : topology_.domains[at].memory;
        const std::string number = fmt::format("NUMA {}", topology_.domains[at].os_index);
        std::string out = svg_rect(left, top, grid_.width, grid_.height,
                                   settled ? "domain used" : "domain", number);
        out += svg_text(left + kMargin, top + 15, settled ? who(use) : number, "value");
        if (memory > Bytes{0}) out += svg_text(left + kMargin, top + 30, to_text(memory), "tick");
        int drawn = 0;
        for (const Core& core : topology_.cores) {
            if (core.domain != index || drawn >= kMostDrawnCores) continue;
            const char* use_class = drawn >= use.cores    ? ""
                                    : occupation_->placed ? " used"
                                                          : " some";
            const int row = drawn / grid_.across;
            const int column = drawn % grid_.across;
            out += square(core, number, left + kMargin + grid_.side * column,
                          top + 38 + grid_.side * row, use_class);
            ++drawn;
        }
        return out;
    }

    /// Of a hybrid machine the slow cores are drawn small.
    std::string square(const Core& core, const std::string& domain, double left, double top,
                       const std::string& use_class) const {
        const bool hybrid = std::any_of(topology_.cores.begin(), topology_.cores.end(),
                                        [](const Core& other) { return other.kind > 0; });
        const bool slow = hybrid && core.kind == 0;
        const double inset = slow ? 2.5 : 0;
        const double side = grid_.side - 2 - 2 * inset;
        const std::string css_class = "core" + use_class;
        return svg_rect(
            left + inset, top + inset, side, side, css_class.c_str(),
            fmt::format("{}{}, {}", slow ? "slow core, " : "", domain,
                        counted(static_cast<std::int64_t>(core.pus.size()), "hardware thread")));
    }

    std::string memory_only() {
        std::string out;
        for (const NumaDomain& domain : topology_.memory_only) {
            const std::string size =
                domain.memory > Bytes{0} ? to_text(domain.memory) : std::string("of unknown size");
            out += svg_rect(1, bottom_, kPictureWidth - 2, 22, "domain");
            out += svg_text(kMargin, bottom_ + 15,
                            fmt::format("NUMA {}: memory only, {}", domain.os_index, size), "tick");
            bottom_ += 22 + kGap;
        }
        return out;
    }

    const NodeOffer& node_;
    const Topology& topology_;
    const std::optional<Occupation>& occupation_;
    Grid grid_;
    double bottom_ = 0;
};

}  // namespace

std::string node_picture(const NodeOffer& node, const Advice& advice) {
    const Topology& topology = node.topology;
    if (topology.domains.empty() || topology.domains.size() > kMostDomains) return {};
    std::optional<Occupation> occupation;
    if (advice.plan) occupation = occupation_of(topology, *advice.plan);
    const std::string words = node_words(topology, occupation);
    NodeDrawing drawing(node, occupation);
    std::string body = svg_text(1, 14, words, "value");
    body += drawing.body(kCaption + 2);
    return svg_picture(drawing.bottom() - kGap + 1, describe(topology) + "; " + words, body);
}

}  // namespace amorsize::cli::page
