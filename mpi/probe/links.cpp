#include "mpi/probe/links.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "advisor/core/error.hpp"

namespace amorsize::probe {

std::vector<std::pair<int, int>> choose_links(const std::vector<int>& ranks, int most) {
    const auto count = static_cast<int>(ranks.size());
    const auto at = [&](int index) { return ranks[static_cast<std::size_t>(index % count)]; };
    std::vector<std::pair<int, int>> links;
    if (count * (count - 1) / 2 <= most) {
        for (int a = 0; a < count; ++a)
            for (int b = a + 1; b < count; ++b) links.emplace_back(at(a), at(b));
        return links;
    }
    for (int i = 0; i < most; ++i) {
        const int start = static_cast<int>(std::int64_t{i} * count / most);
        const int distance = i % 2 == 0 ? 1 : count / 2;
        const int a = at(start);
        const int b = at(start + distance);
        links.emplace_back(std::min(a, b), std::max(a, b));
    }
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    return links;
}

std::string to_line(const LinkFigures& link) {
    return fmt::format("link {} {} {} {}", link.latency.value.value, link.latency.spread.value,
                       link.bandwidth.value.value, link.bandwidth.spread.value);
}

LinkFigures link_from_line(const std::string& line) {
    std::istringstream in(line);
    std::string word;
    LinkFigures link;
    in >> word >> link.latency.value.value >> link.latency.spread.value >>
        link.bandwidth.value.value >> link.bandwidth.spread.value;
    if (!in || word != "link") throw Error(ExitCode::environment, line);
    return link;
}

}  // namespace amorsize::probe
