#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace amorsize::run {

/// An owned descriptor above 2, closed on exec.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { close(); }

    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }
    void close();
    int release();

private:
    int fd_ = -1;
};

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

/// A pipe whose ends are above 2. Throws Error (environment) when descriptors run out.
Pipe make_pipe();
/// `path` opened for reading.
Descriptor open_for_reading(const char* path);
/// What has been written to a pipe and not been read yet.
std::size_t unread_bytes(const Descriptor& pipe);
/// Whether every reader of the pipe that `write_end` writes to has closed it.
bool nobody_reads(const Descriptor& write_end);
void set_nonblocking(const Descriptor& descriptor);

/// What a non-blocking read gave.
enum class ReadResult { some, nothing_now, closed };
/// Appends what is there now, up to `limit` bytes, to `text`.
ReadResult read_available(const Descriptor& descriptor, std::string& text, std::size_t limit);

}  // namespace amorsize::run
