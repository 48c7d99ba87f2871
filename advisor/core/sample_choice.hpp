#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "advisor/core/manifest.hpp"

namespace amorsize {

/// Which of `items` items to try, by index, in the order to try them; none of `taken`, none twice,
/// fewer than `size` only where the list has no more.
/// - spread: one at random from each of `size` equal stretches of the list, so that costs which
/// rise
///   along it are seen; tried in random order, so that a sample cut short by its budget still has
///   seen the whole list
/// - random: any, in random order
/// - first: from the start, in order
/// The same arguments give the same indices on every platform.
std::vector<std::int64_t> choose_samples(std::int64_t items, std::int64_t size, SampleChoice,
                                         std::uint64_t seed,
                                         const std::set<std::int64_t>& taken = {});

}  // namespace amorsize
