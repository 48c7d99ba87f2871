#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "advisor/core/strategy.hpp"

namespace amorsize {

/// "serial", "one_node" or "many_nodes".
std::string strategy_word(const Plan&);

/// The plans that nothing compared beats (strategy.hpp: pareto_set), with what they take.
nlohmann::ordered_json pareto_json(const Advice&);

}  // namespace amorsize
