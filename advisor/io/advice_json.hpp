#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/comparison.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/plan.hpp"

namespace amorsize {

/// The advice as JSON text, indented by two. An infeasible job has null for layout, request and
/// predicted; with a comparison there is a key `compared`.
std::string advice_json(const Manifest&, const Advice&, const LaunchArguments&,
                        const std::vector<std::string>& directives,
                        const std::optional<Comparison>& = {});

/// The facts of the advice, which the JSON text and the plan file share.
nlohmann::ordered_json advice_value(const Advice&, const LaunchArguments&,
                                    const std::vector<std::string>& directives);

}  // namespace amorsize
