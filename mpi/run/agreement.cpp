#include "mpi/run/agreement.hpp"

#include <optional>

#include "advisor/core/error.hpp"

namespace amorsize::run {

namespace {

/// First byte 0: no error. Otherwise '1' + exit code, the message, a NUL, the hint.
std::string encode(const std::optional<Error>& error) {
    if (!error) return std::string(1, '0');
    return std::string(1, static_cast<char>('1' + static_cast<int>(error->code))) + error->what() +
           '\0' + error->hint;
}

void throw_encoded(const std::string& text) {
    if (text.empty() || text[0] == '0') return;
    const std::size_t end = text.find('\0');
    throw Error(static_cast<ExitCode>(text[0] - '1'), text.substr(1, end - 1),
                text.substr(end + 1));
}

std::optional<Error> error_of(const std::function<void()>& work) {
    try {
        work();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

}  // namespace

std::string agree(Team& team, const std::function<std::string()>& work) {
    std::string result;
    std::optional<Error> error;
    if (team.rank() == 0) error = error_of([&] { result = work(); });
    throw_encoded(team.broadcast(encode(error)));
    return team.broadcast(std::move(result));
}

void all_or_none(Team& team, const std::function<void()>& work) {
    const auto errors = team.gather(encode(error_of(work)));
    std::string first(1, '0');
    for (const std::string& error : errors) {
        if (first[0] == '0') first = error;
    }
    throw_encoded(team.broadcast(first));
}

}  // namespace amorsize::run
