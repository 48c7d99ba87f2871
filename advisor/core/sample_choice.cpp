#include "advisor/core/sample_choice.hpp"

#include <algorithm>
#include <utility>

#include "advisor/core/random.hpp"

namespace amorsize {

namespace {

/// The first index at or after `from` that is free, starting over at the end of the list.
std::int64_t next_free(std::int64_t from, std::int64_t items, const std::set<std::int64_t>& taken) {
    while (taken.count(from) != 0) from = from + 1 == items ? 0 : from + 1;
    return from;
}

std::int64_t random_index(Random& random, std::int64_t begin, std::int64_t end) {
    return begin + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(end - begin)));
}

void shuffle(std::vector<std::int64_t>& indices, Random& random) {
    for (std::size_t left = indices.size(); left > 1; --left) {
        std::swap(indices[left - 1], indices[random.below(left)]);
    }
}

}  // namespace

std::vector<std::int64_t> choose_samples(std::int64_t items, std::int64_t size, SampleChoice choice,
                                         std::uint64_t seed, const std::set<std::int64_t>& taken) {
    std::set<std::int64_t> gone;
    for (const std::int64_t index : taken) {
        if (index >= 0 && index < items) gone.insert(index);
    }
    const std::int64_t count =
        std::clamp<std::int64_t>(size, 0, items - static_cast<std::int64_t>(gone.size()));

    Random random(seed);
    std::vector<std::int64_t> chosen;
    for (std::int64_t k = 0; k < count; ++k) {
        std::int64_t wanted = 0;
        if (choice == SampleChoice::random) wanted = random_index(random, 0, items);
        if (choice == SampleChoice::spread) {
            const std::int64_t length = items / count;
            const std::int64_t longer = items % count;  // this many stretches hold one more
            const std::int64_t begin = k * length + std::min(k, longer);
            wanted = random_index(random, begin, begin + length + (k < longer ? 1 : 0));
        }
        chosen.push_back(next_free(wanted, items, gone));
        gone.insert(chosen.back());
    }
    if (choice == SampleChoice::spread) shuffle(chosen, random);
    return chosen;
}

}  // namespace amorsize
