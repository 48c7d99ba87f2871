#include "mpi/run/disk_sync.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace amorsize::run;

TEST_CASE("A sync that fails is known once the disk has had its last word", "[run][disk]") {
    const int closed = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::close(closed);
    DiskSync disk({closed});
    disk.written();
    disk.finish();
    CHECK(disk.error() == EBADF);
}

TEST_CASE("What was written is synced at the end, and the end may come twice", "[run][disk]") {
    const TemporaryFolder folder;
    const int file = ::open(folder.file("f").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    {
        DiskSync disk({file});
        disk.written();
        disk.finish();
        disk.finish();
        CHECK(disk.error() == 0);
    }
    ::close(file);
}
