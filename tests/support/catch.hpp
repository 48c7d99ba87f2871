#pragma once

// Catch2 as Debian 12 (version 2) and newer releases (version 3) ship it.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
