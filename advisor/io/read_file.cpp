#include "advisor/io/read_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "advisor/core/error.hpp"
#include "advisor/io/descriptor.hpp"

namespace amorsize {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& why,
                         const std::string& hint) {
    throw Error(ExitCode::bad_input, fmt::format("cannot read the {} {}: {}", what, path, why),
                hint);
}

std::string kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

/// Bytes of the well-formed UTF-8 sequence at the front of `text`, 0 if it is ill-formed (Unicode
/// 15, table 3-7).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned most = first == 0xED ? 0x9F : 0xBF;
        return byte(1) >= least && byte(1) <= most && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned least = first == 0xF0 ? 0x90 : 0x80;
        const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
        return byte(1) >= least && byte(1) <= most && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::string read_text_file(const std::string& path, const std::string& what, std::size_t limit) {
    // O_NONBLOCK: opening a pipe nobody writes to must not hang.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.get() < 0)
        refuse(path, what, std::strerror(errno), "check the path and its permissions");
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) refuse(path, what, std::strerror(errno), "");
    if (!S_ISREG(status.st_mode)) {
        refuse(path, what, fmt::format("it is {}, not a file", kind_of(status.st_mode)),
               fmt::format("name the {} file itself", what));
    }

    std::string text;
    std::string block(std::size_t{1} << 16, '\0');
    while (text.size() <= limit) {
        const ssize_t got = ::read(file.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) refuse(path, what, std::strerror(errno), "");
        if (got == 0) return text;
        text.append(block, 0, static_cast<std::size_t>(got));
    }
    refuse(path, what, fmt::format("it is larger than {} MiB", limit >> 20),
           "this is far more than such a file needs: check that the path is right");
}

std::size_t first_bad_byte(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = text[at] == '\0' ? 0 : sequence_length(text.substr(at, 4));
        if (length == 0) return at;
        at += length;
    }
    return std::string_view::npos;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = sequence_length(text.substr(0, 4));
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string_view without_bom(std::string_view text) {
    return text.substr(0, 3) == "\xEF\xBB\xBF" ? text.substr(3) : text;
}

std::string absolute_directory_of(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().parent_path().string();
}

}  // namespace amorsize
