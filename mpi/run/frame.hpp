#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amorsize::run {

/// The envelope of everything in the files of a run: a length and a checksum around a payload, so
/// that a torn or damaged end is recognised. Integers are in the byte order of the machine; the
/// mark tells a foreign one.
struct FrameHeader {
    std::uint32_t mark = 0;      ///< kind of file
    std::uint32_t length = 0;    ///< bytes of the payload
    std::uint32_t checksum = 0;  ///< CRC-32 of the length and the payload
};

/// Appends a frame around `payload` to `buffer`.
void append_frame(std::string& buffer, std::uint32_t mark, std::string_view payload);

/// Reads frames of one kind from the start of a file for as long as they are whole.
class FrameReader {
public:
    FrameReader(const std::string& path, std::uint32_t mark);
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;
    ~FrameReader();

    /// The next payload, valid until the next call; nothing at the end or at the first frame that
    /// is not whole.
    std::optional<std::string_view> next();
    /// Where the payload last returned starts in the file.
    std::int64_t payload_offset() const { return payload_offset_; }
    /// Whether bytes follow the last whole frame. Known once next() has returned nothing.
    bool torn() const { return torn_; }

private:
    bool fill(std::size_t bytes);

    int fd_;
    std::uint32_t mark_;
    std::string buffer_;
    std::size_t used_ = 0;            ///< bytes of the buffer already consumed
    std::int64_t buffer_offset_ = 0;  ///< of the buffer's first byte in the file
    std::int64_t payload_offset_ = 0;
    bool torn_ = false;
};

}  // namespace amorsize::run
