#include "mpi/probe/fold_tree.hpp"

namespace amorsize::probe {

TreePlace place_in_tree(int rank, int size) {
    TreePlace place;
    for (int bit = 1; bit < size; bit *= 2) {
        if ((rank & bit) != 0) {
            place.parent = rank - bit;
            return place;
        }
        if (rank + bit < size) {
            place.children.push_back(rank + bit);
            ++place.height;
        }
    }
    return place;
}

}  // namespace amorsize::probe
