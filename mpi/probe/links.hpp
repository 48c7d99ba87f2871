#pragma once

#include <string>
#include <utility>
#include <vector>

#include "advisor/core/probe_report.hpp"

namespace amorsize::probe {

/// Pairs of these ranks to send messages between, at most `most`: all pairs if they are few, else
/// neighbours and ranks far apart in turn, spread over the list. Pairs are measured one after
/// another, so the number is what the network costs the probe.
std::vector<std::pair<int, int>> choose_links(const std::vector<int>& ranks, int most);

/// Figures on their way to the root.
std::string to_line(const LinkFigures&);
/// Throws Error (environment) with what the other side wrote, if that was no figures.
LinkFigures link_from_line(const std::string&);

}  // namespace amorsize::probe
