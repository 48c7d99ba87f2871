#pragma once

#include <nlohmann/json_fwd.hpp>

#include "advisor/core/manifest.hpp"

namespace amorsize {

/// The manifest's keys and values, defaults included, as manifest_of reads them back. Sizes and
/// durations are text with units. `directory` is not among them.
nlohmann::ordered_json manifest_value(const Manifest&);

}  // namespace amorsize
