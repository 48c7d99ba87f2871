// A stream worker that does next to nothing, or sleeps or spins for as long as an item says:
//   stream_worker [sleep|spin] answers each line with itself; the item's last word is the
//   milliseconds.

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

enum class Work { none, sleep, spin };

void do_item(Work work, const std::string& line) {
    if (work == Work::none) return;
    const std::size_t space = line.rfind(' ');
    const double milliseconds =
        std::strtod(line.c_str() + (space == std::string::npos ? 0 : space + 1), nullptr);
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::microseconds(static_cast<std::int64_t>(milliseconds * 1000));
    if (work == Work::sleep) std::this_thread::sleep_until(end);
    while (std::chrono::steady_clock::now() < end) {
    }
}

void answer(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t wrote = ::write(STDOUT_FILENO, text.data() + at, text.size() - at);
        if (wrote <= 0) std::exit(1);
        at += static_cast<std::size_t>(wrote);
    }
}

/// Answers every whole line of `text` and removes it. Without work to do, all of them at once.
void answer_lines(Work work, std::string& text) {
    std::string answers;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string line = text.substr(begin, end - begin);
        do_item(work, line);
        answers += line + "\n";
        if (work == Work::none) continue;
        answer(answers);
        answers.clear();
    }
    answer(answers);
    text.erase(0, begin);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view word = argc > 1 ? argv[1] : "none";
    const Work work = word == "sleep" ? Work::sleep : word == "spin" ? Work::spin : Work::none;
    std::string text;
    std::array<char, 65536> block;
    for (ssize_t got; (got = ::read(STDIN_FILENO, block.data(), block.size())) > 0;) {
        text.append(block.data(), static_cast<std::size_t>(got));
        answer_lines(work, text);
    }
    return 0;
}
