#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "advisor/core/measured_cluster.hpp"

namespace amorsize {

/// As one line that stands out among whatever a site's scripts print.
std::string measured_line(const MeasuredCluster&);
/// The measurement in what a step printed; nothing if there is no such line, or none that is whole.
std::optional<MeasuredCluster> find_measured(std::string_view printed);

}  // namespace amorsize
