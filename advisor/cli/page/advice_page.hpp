#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/core/advice.hpp"
#include "advisor/core/job_profile.hpp"
#include "advisor/core/manifest.hpp"
#include "advisor/core/outlook.hpp"

namespace amorsize::cli::page {

/// What a page shows.
struct Subject {
    const Manifest& manifest;
    std::int64_t items = 0;
    const JobProfile& profile;
    const Advice& advice;
    const Outlook& outlook;
    const std::vector<std::string>& directives;  ///< of the script
    const std::string& script;                   ///< empty: nothing fits
};

/// The advice as one HTML file: pictures, tables and the script, without a program in it and
/// without a reach for anything outside. It is well-formed XML too.
std::string advice_page(const Subject&);

/// Whether a file that begins so is such a page.
bool is_advice_page(std::string_view beginning);

}  // namespace amorsize::cli::page
