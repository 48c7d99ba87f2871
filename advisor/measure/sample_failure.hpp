#pragma once

#include <cstdint>
#include <string>

#include "advisor/core/error.hpp"
#include "advisor/measure/item_process.hpp"

namespace amorsize::measure {

/// The error for an item that could not be started, failed, or ran into its time limit.
/// `what` names it: "item 17 (\"a b\")", "the prelude".
Error failure(const std::string& what, const ItemCommand&, const ItemRun&, Seconds limit);

}  // namespace amorsize::measure
