#include "slurm/spelling.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/core/time_limit.hpp"

namespace amorsize::slurm {

std::int64_t mebibytes(Bytes size) {
    return std::max<std::int64_t>(1, (size.value + kMiB.value - 1) / kMiB.value);
}

std::string memory(std::int64_t mib) {
    return fmt::format("{}M", mib);
}

std::string time_limit(Seconds limit) {
    const auto minutes = static_cast<std::int64_t>(whole_minutes(limit).value / 60);
    const std::int64_t days = minutes / 60 / 24;
    const std::int64_t hours = minutes / 60 % 24;
    return days > 0 ? fmt::format("{}-{:02}:{:02}:00", days, hours, minutes % 60)
                    : fmt::format("{:02}:{:02}:00", hours, minutes % 60);
}

}  // namespace amorsize::slurm
