#include "advisor/measure/sample_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "advisor/core/command_line.hpp"

namespace amorsize::measure {

namespace {

constexpr std::size_t kShownCommand = 400;
constexpr std::size_t kShownLines = 20;

std::string shortened(std::string text, std::size_t length) {
    if (text.size() <= length) return text;
    return text.substr(0, length) + "...";
}

/// The last lines, indented; control characters would disturb the reader's terminal.
std::string last_lines(const std::string& text) {
    std::string clean;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n' || c == '\t' || (byte >= 0x20 && byte != 0x7f)) clean += c;
    }
    while (!clean.empty() && clean.back() == '\n') clean.pop_back();
    std::size_t begin = clean.size();
    for (std::size_t lines = 0; lines < kShownLines && begin != std::string::npos && begin > 0;
         ++lines) {
        begin = clean.rfind('\n', begin - 1);
    }
    if (begin != std::string::npos && begin > 0) clean.erase(0, begin + 1);
    std::string indented;
    for (std::size_t at = 0; at < clean.size();) {
        const std::size_t end = std::min(clean.find('\n', at), clean.size());
        indented += "\n    " + clean.substr(at, end - at);
        at = end + 1;
    }
    return indented;
}

std::string outcome(const ItemRun& run, Seconds limit) {
    switch (run.ended) {
        case Ended::not_started:
            return fmt::format("could not {}: {}", run.start_failed,
                               std::strerror(run.start_error));
        case Ended::by_signal:
            return fmt::format("was ended by signal {} (SIG{}) after {:.3g} s", run.signal,
                               ::sigabbrev_np(run.signal) ? ::sigabbrev_np(run.signal) : "?",
                               run.seconds.value);
        case Ended::at_time_limit:
            return fmt::format("was still running after its limit of {:.3g} s and was ended",
                               limit.value);
        case Ended::with_others:
            return "was ended with the others";
        case Ended::by_itself:
            break;
    }
    return fmt::format("failed with exit code {} after {:.3g} s", run.exit_code, run.seconds.value);
}

/// A word of the shell's that stands alone among the arguments of a command without one.
const std::string* word_for_a_shell(const std::vector<std::string>& argv) {
    static const std::vector<std::string> words{"|", ">", ">>", "<", "2>", "2>&1", "&&", "||", ";"};
    const auto found = std::find_first_of(argv.begin(), argv.end(), words.begin(), words.end());
    return found == argv.end() ? nullptr : &*found;
}

std::string advice(const ItemRun& run, const ItemCommand& command) {
    if (run.ended == Ended::not_started) {
        switch (run.start_error) {
            case ENOENT:
                return "check the first word of `command`: relative paths start at the manifest's "
                       "folder, "
                       "bare names are looked up on PATH, and a script's #! line must name a "
                       "program that exists";
            case EACCES:
                return fmt::format(
                    "make it executable (chmod +x {}), or name its interpreter first",
                    shell_quoted(std::string_view(command.argv.front())));
            case ENOEXEC:
                return "start the script with a line such as #!/bin/sh, or name its interpreter "
                       "first";
            case E2BIG:
                return "the item is too long for a command line (128 KiB an argument): use mode "
                       "stream, "
                       "or let the item be the name of a file";
            case EAGAIN:
                return "this account may not start more processes here: see ulimit -u";
            default:
                return "run the command by hand in the manifest's folder";
        }
    }
    if (run.ended == Ended::at_time_limit) {
        return "if items take this long, raise sample.timeout or sample.budget, or give their time "
               "as profile.seconds; "
               "if this one hangs, run the command by hand (its input is /dev/null)";
    }
    if (run.ended == Ended::by_signal && run.signal == SIGKILL) {
        return "we did not send it: the kernel's out-of-memory killer or a limit on this node did; "
               "see dmesg";
    }
    if (const std::string* word = word_for_a_shell(command.argv))
        return fmt::format(
            "a list runs without a shell, so {} is an argument like any other: "
            "write the command as one line of text",
            shell_quoted(std::string_view(*word)));
    if (run.exit_code == 127)
        return "a shell could not find a command: check its spelling and the prelude";
    if (run.exit_code == 126) return "a shell found a command that is not executable";
    return "run the command by hand until it succeeds, then ask again; --no-sample plans without "
           "running items";
}

}  // namespace

Error failure(const std::string& what, const ItemCommand& command, const ItemRun& run,
              Seconds limit) {
    std::string message =
        fmt::format("{} {}\n  command: {}\n  in: {}", what, outcome(run, limit),
                    shortened(shell_quoted(command.argv), kShownCommand), command.directory);
    if (!run.err_tail.empty()) {
        message += "\n  its stderr ends:" + last_lines(run.err_tail);
    } else if (!run.out_tail.empty()) {
        message += "\n  it wrote nothing to stderr; its stdout ends:" + last_lines(run.out_tail);
    } else if (run.ended != Ended::not_started) {
        message += "\n  it wrote nothing";
    }
    if (run.survivors > 0) {
        message += fmt::format("\n  {} of its processes could not be ended", run.survivors);
    }
    return {ExitCode::bad_input, message, advice(run, command)};
}

}  // namespace amorsize::measure
