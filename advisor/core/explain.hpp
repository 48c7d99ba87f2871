#pragma once

#include <string>
#include <vector>

#include "advisor/core/reason.hpp"

namespace amorsize {

/// One figure of a reason: for JSON as a number with its unit in the name, for scripts to compare.
struct Figure {
    std::string name;  ///< snake_case, ending in its unit: "serial_seconds", "per_worker_bytes"
    std::variant<double, std::int64_t, bool, std::string> value;
};

/// The stable code of a reason: snake_case of its struct's name, "memory_ceiling".
std::string code(const Reason&);
/// One sentence without a full stop: the observation, its consequence, every figure with a unit.
std::string text(const Reason&);
/// The same figures the text shows.
std::vector<Figure> figures(const Reason&);

}  // namespace amorsize
