#include "advisor/measure/process_start.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace amorsize::measure {

namespace {

void fill_closed_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // open() takes the lowest free number, which is this stream's: those below are open by now.
        if (::fcntl(stream, F_GETFD) < 0)
            ::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
}

extern "C" void let_the_write_fail(int) {}

}  // namespace

void prepare_process() {
    fill_closed_standard_streams();
    // A handler, not SIG_IGN: the programs we start would inherit that.
    struct sigaction action {};
    action.sa_handler = let_the_write_fail;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGXFSZ, &action, nullptr);
}

}  // namespace amorsize::measure
