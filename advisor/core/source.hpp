#pragma once

namespace amorsize {

/// How a figure came to be known.
enum class Source { measured, sampled, given, history, assumed };

}  // namespace amorsize
