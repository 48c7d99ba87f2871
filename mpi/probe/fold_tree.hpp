#pragma once

#include <vector>

namespace amorsize::probe {

/// A rank's place in a binomial tree over 0..size-1 with the root 0: its parent is its number less
/// the lowest set bit. The root has ceil(log2(size)) children, and so many levels lie below it.
struct TreePlace {
    int parent = -1;            ///< -1: the root
    std::vector<int> children;  ///< the one with the fewest ranks below it first
    int height = 0;             ///< levels below; 0: a leaf
};
TreePlace place_in_tree(int rank, int size);

}  // namespace amorsize::probe
