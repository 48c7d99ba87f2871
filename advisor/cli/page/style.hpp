#pragma once

namespace amorsize::cli::page {

/// The style sheet of the page and its pictures: light, dark and printed.
extern const char* const kStyle;

}  // namespace amorsize::cli::page
