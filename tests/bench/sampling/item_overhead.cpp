// What timing an item costs: posix_spawn and waitpid of /bin/true against the sampler's timed run
// of it, turn and turn about, so that both meet the same neighbours. Usage: bench_item_overhead
// [rounds]
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "advisor/measure/item_process.hpp"

extern char** environ;

using namespace amorsize;
using namespace amorsize::measure;

namespace {

std::vector<std::string> our_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
    return entries;
}

Seconds bare_run() {
    char program[] = "/bin/true";
    char* argv[] = {program, nullptr};
    const auto begin = Clock::now();
    pid_t pid = -1;
    ::posix_spawn(&pid, program, nullptr, nullptr, argv, environ);
    ::waitpid(pid, nullptr, 0);
    return seconds_between(begin, Clock::now());
}

void show(const char* what, std::vector<double> times) {
    std::sort(times.begin(), times.end());
    const auto quantile = [&](double share) {
        return 1e6 * times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    fmt::print("{:<44} median {:7.1f} us, quartiles {:7.1f} to {:7.1f} us\n", what, quantile(0.5),
               quantile(0.25), quantile(0.75));
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 500;
    const SamplingScope scope;
    const ItemCommand command{{"/bin/true"}, our_environment(), "", {}};
    std::vector<double> bare;
    std::vector<double> timed;
    std::vector<double> added;
    std::vector<double> around;
    for (int round = 0; round < rounds; ++round) {
        bare.push_back(bare_run().value);
        const auto begin = Clock::now();
        timed.push_back(run_item(scope, command, {}).seconds.value);
        around.push_back(seconds_between(begin, Clock::now()).value);
        added.push_back(timed.back() - bare.back());
    }
    show("posix_spawn + waitpid", bare);
    show("time the sampler reports", timed);
    show("difference, pair by pair", added);
    show("what an item costs the sampler in all", around);
    return 0;
}
