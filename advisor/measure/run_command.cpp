#include "advisor/measure/run_command.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "advisor/measure/child_process.hpp"

namespace amorsize::measure {

CommandResult run_command(const std::vector<std::string>& argv, Seconds limit) {
    CommandResult result;
    Pipe out = open_pipe();
    Pipe err = open_pipe();
    ChildRequest request;
    request.argv = argv;
    for (char** entry = environ; *entry != nullptr; ++entry) request.environment.push_back(*entry);
    request.out = out.write_end.get();
    request.err = err.write_end.get();
    const StartedChild child = start_child(request);
    if (child.pid < 0) {
        result.status = 127;
        result.err = argv.front() + ": " + std::strerror(child.error);
        return result;
    }
    out.write_end.reset();
    err.write_end.reset();

    while (out.read_end.is_open() || err.read_end.is_open()) {
        const Seconds left = limit - seconds_between(child.started, Clock::now());
        if (left <= Seconds{0}) {
            result.timed_out = true;
            ::kill(-child.pid, SIGKILL);
            break;
        }
        std::array<pollfd, 2> ends{
            {{out.read_end.get(), POLLIN, 0}, {err.read_end.get(), POLLIN, 0}}};
        ::poll(ends.data(), ends.size(), static_cast<int>(left.value * 1000) + 1);
        if (ends[0].revents != 0) result.out += take(out.read_end);
        if (ends[1].revents != 0) result.err += take(err.read_end);
    }
    result.status = status_of(child);
    return result;
}

}  // namespace amorsize::measure
