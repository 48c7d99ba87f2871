#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mpi/run/append_file.hpp"
#include "mpi/run/frame.hpp"

namespace amorsize::run {

enum class Stream : std::uint8_t { out = 1, err = 2 };

/// Whose output a piece is. A long output is kept in several pieces, in order.
struct OutputKey {
    std::int64_t item = 0;
    std::uint16_t attempt = 1;
    Stream stream = Stream::out;

    friend bool operator==(const OutputKey&, const OutputKey&) = default;
};

/// What the items of one rank print: one file, pieces of all items one after another, each under
/// its key.
class OutputWriter {
public:
    explicit OutputWriter(const std::string& path) : file_(path) {}

    void append(const OutputKey& key, std::string_view text);
    /// Writes what has gathered.
    void commit();
    /// Size of the file once everything appended so far is written.
    std::int64_t end() const { return file_.size() + static_cast<std::int64_t>(pending_.size()); }
    int descriptor() const { return file_.descriptor(); }

private:
    AppendFile file_;
    std::string pending_;
    std::string piece_;
};

struct OutputPiece {
    OutputKey key;
    std::string_view text;    ///< valid until the next call
    std::int64_t offset = 0;  ///< of the text in the file
};

class OutputReader {
public:
    explicit OutputReader(const std::string& path);
    /// The next whole piece; nothing at the end of the file or where it is torn.
    std::optional<OutputPiece> next();
    /// Where the last whole piece ends.
    std::int64_t read_to() const { return read_to_; }

private:
    std::int64_t read_to_ = 0;
    FrameReader frames_;
};

}  // namespace amorsize::run
