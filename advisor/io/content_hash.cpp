#include "advisor/io/content_hash.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <fstream>

namespace amorsize {

std::string content_hash(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return {};
    std::uint64_t hash = 14695981039346656037ull;
    std::array<char, 16384> buffer;
    while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
        for (std::streamsize i = 0; i < file.gcount(); ++i) {
            hash ^= static_cast<unsigned char>(buffer[static_cast<std::size_t>(i)]);
            hash *= 1099511628211ull;
        }
    }
    return file.bad() ? std::string() : fmt::format("{:016x}", hash);
}

}  // namespace amorsize
