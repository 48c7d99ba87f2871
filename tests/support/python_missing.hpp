#pragma once

#include <unistd.h>

#include "tests/support/catch.hpp"

/// Whether a test whose items are Python programs must be skipped; it is said so.
inline bool python_missing() {
    if (::access("/usr/bin/python3", X_OK) == 0) return false;
    WARN("SKIPPED: its items need python3");
    return true;
}
