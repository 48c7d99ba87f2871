// An item of the real arena: does what its text says, for example "work=2.5e6 wait=0.1 triad=3".
//   arena_item TEXT              one item
//   arena_item --stream START    START units of work, then an item a line, answering each
//   arena_item --calibrate       units of work in a second on this machine
// A unit is a step of arithmetic, so that items slow down where cores are shared; triad=N goes N
// times through 96 MiB, more than a last-level cache.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double work(double units) {
    static volatile double start = 1;  // read anew, so that two calls are not one
    double value = start;
    for (auto left = static_cast<long long>(units); left > 0; --left) {
        value = value * 0.999999 + 1e-6 / value;
    }
    return value;
}

double triad(int passes) {
    constexpr std::size_t kLength = (std::size_t{32} << 20) / sizeof(double);
    std::vector<double> a(kLength, 0.0);
    const std::vector<double> b(kLength, 1.0);
    const std::vector<double> c(kLength, 2.0);
    for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t i = 0; i < kLength; ++i) a[i] = b[i] + 3 * c[i] + pass;
    }
    return a[kLength / 2];
}

double run(const std::string& text) {
    std::istringstream words(text);
    double result = 0;
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        const std::string what = word.substr(0, equals);
        const double amount = std::stod(word.substr(equals + 1));
        if (what == "work") result += work(amount);
        if (what == "triad") result += triad(static_cast<int>(amount));
        if (what == "wait") std::this_thread::sleep_for(std::chrono::duration<double>(amount));
    }
    return result;
}

void calibrate() {
    constexpr double kUnits = 2e7;
    double least = 1e9;
    double result = 0;
    for (int i = 0; i < 7; ++i) {
        const Clock::time_point begin = Clock::now();
        result += work(kUnits);
        least = std::min(least, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    std::cout << (result > 0 ? kUnits / least : 0) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first == "--calibrate") {
        calibrate();
    } else if (first == "--stream" && argc > 2) {
        std::string answer = work(std::stod(argv[2])) > 0 ? "done" : "nothing";
        for (std::string line; std::getline(std::cin, line);) {
            std::cout << answer << ' ' << run(line) << std::endl;
        }
    } else {
        std::cout << run(first) << '\n';
    }
}
