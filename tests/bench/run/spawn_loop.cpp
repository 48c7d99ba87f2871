// The least that running N programs W at a time can cost: posix_spawn and wait, nothing recorded.
//   spawn_loop N W PROGRAM [ARGUMENT...]   prints the seconds it took

#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

extern char** environ;

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const long count = std::atol(argv[1]);
    const long width = std::atol(argv[2]);
    const auto begin = std::chrono::steady_clock::now();
    long started = 0;
    for (long ended = 0; ended < count;) {
        if (started < count && started - ended < width) {
            pid_t pid = 0;
            if (::posix_spawn(&pid, argv[3], nullptr, nullptr, argv + 3, environ) != 0) return 1;
            ++started;
            continue;
        }
        if (::waitpid(-1, nullptr, 0) > 0) ++ended;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.4f\n", took.count());
    return 0;
}
