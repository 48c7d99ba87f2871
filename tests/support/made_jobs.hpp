#pragma once

#include <initializer_list>

#include "advisor/core/advise.hpp"
#include "advisor/core/random.hpp"
#include "tests/support/synthetic.hpp"

// Jobs on machines drawn at random, for property tests of the decision.
namespace amorsize::synthetic {

template <class Value>
Value pick(Random& random, std::initializer_list<Value> values) {
    return values.begin()[random.below(values.size())];
}

struct Case {
    Manifest manifest;
    Cluster cluster;
    std::int64_t items = 0;
};

inline Advice solve(const Case& one) {
    return advise(one.manifest, one.cluster, known(one.items));
}

}  // namespace amorsize::synthetic
