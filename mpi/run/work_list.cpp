#include "mpi/run/work_list.hpp"

#include <vector>

namespace amorsize::run {

WorkList::WorkList(const Resumption& resumption) : missing_(resumption.settled) {
    if (resumption.sizes.empty()) return;
    std::vector<float> sizes;
    sizes.reserve(static_cast<std::size_t>(missing_.count()));
    for (std::int64_t i = 0; i < missing_.count(); ++i) {
        sizes.push_back(resumption.sizes[static_cast<std::size_t>(missing_[i])]);
    }
    order_.emplace(sizes);
}

}  // namespace amorsize::run
