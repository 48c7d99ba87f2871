#include "mpi/run/frame.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "mpi/run/append_file.hpp"

namespace amorsize::run {

namespace {

constexpr std::size_t kReadBlock = 1 << 18;

std::uint32_t checksum(std::uint32_t length, std::string_view payload) {
    const uLong seed = ::crc32(0, reinterpret_cast<const Bytef*>(&length), sizeof length);
    return static_cast<std::uint32_t>(::crc32_z(seed,
                                                reinterpret_cast<const Bytef*>(payload.data()),
                                                static_cast<z_size_t>(payload.size())));
}

}  // namespace

void append_frame(std::string& buffer, std::uint32_t mark, std::string_view payload) {
    const auto length = static_cast<std::uint32_t>(payload.size());
    const FrameHeader header{mark, length, checksum(length, payload)};
    buffer.append(reinterpret_cast<const char*>(&header), sizeof header);
    buffer.append(payload);
}

FrameReader::FrameReader(const std::string& path, std::uint32_t mark)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), mark_(mark) {
    if (fd_ < 0) throw_storage_error("read", path, errno);
}

FrameReader::~FrameReader() {
    ::close(fd_);
}

/// Makes `bytes` unconsumed bytes available, unless the file ends before.
bool FrameReader::fill(std::size_t bytes) {
    while (buffer_.size() - used_ < bytes) {
        buffer_.erase(0, used_);
        buffer_offset_ += static_cast<std::int64_t>(used_);
        used_ = 0;
        const std::size_t kept = buffer_.size();
        buffer_.resize(kept + kReadBlock);
        ssize_t got = 0;
        do {
            got = ::read(fd_, buffer_.data() + kept, kReadBlock);
        } while (got < 0 && errno == EINTR);
        buffer_.resize(kept + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got <= 0) return false;
    }
    return true;
}

std::optional<std::string_view> FrameReader::next() {
    torn_ = true;
    FrameHeader header;
    if (!fill(sizeof header)) {
        torn_ = buffer_.size() > used_;
        return std::nullopt;
    }
    std::memcpy(&header, buffer_.data() + used_, sizeof header);
    // A damaged length would make us read on for nothing; the checksum settles the rest.
    if (header.mark != mark_ || !fill(sizeof header + header.length)) return std::nullopt;
    const std::string_view payload(buffer_.data() + used_ + sizeof header, header.length);
    if (checksum(header.length, payload) != header.checksum) return std::nullopt;
    payload_offset_ = buffer_offset_ + static_cast<std::int64_t>(used_ + sizeof header);
    used_ += sizeof header + header.length;
    torn_ = false;
    return payload;
}

}  // namespace amorsize::run
