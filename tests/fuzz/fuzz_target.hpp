#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "advisor/core/error.hpp"

namespace amorsize::fuzz {

/// Runs a reader on the fuzzer's bytes. Refusing them is right, and so is taking them; anything
/// else (another exception, a sanitizer's report, a hang) is a finding.
template <class Reader>
int read(const std::uint8_t* data, std::size_t size, Reader reader) {
    try {
        reader(std::string_view(reinterpret_cast<const char*>(data), size));
    } catch (const Error& error) {
        if (error.code != ExitCode::bad_input) throw;
    }
    return 0;
}

}  // namespace amorsize::fuzz
