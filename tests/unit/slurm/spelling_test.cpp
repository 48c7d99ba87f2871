#include "slurm/spelling.hpp"

#include "tests/support/catch.hpp"

using namespace amorsize;

TEST_CASE("memory is whole mebibytes, rounded up, never zero") {
    CHECK(slurm::mebibytes(Bytes{0}) == 1);
    CHECK(slurm::mebibytes(kMiB) == 1);
    CHECK(slurm::mebibytes(kMiB + Bytes{1}) == 2);
    CHECK(slurm::memory(40960) == "40960M");
}

TEST_CASE("time limits are whole minutes, rounded up") {
    CHECK(slurm::time_limit(Seconds{0}) == "00:01:00");
    CHECK(slurm::time_limit(Seconds{61}) == "00:02:00");
    CHECK(slurm::time_limit(Seconds{3600}) == "01:00:00");
    CHECK(slurm::time_limit(Seconds{86400 + 3660}) == "1-01:01:00");
}
