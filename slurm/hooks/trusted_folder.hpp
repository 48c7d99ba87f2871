#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/io/descriptor.hpp"

namespace amorsize::hooks {

/// A folder whose path holds no link and belongs, part by part, to root or to us, and which nobody
/// else may change. Nothing here throws or waits for another process: what cannot be had is absent,
/// and the hook does without. Names are single words without a slash.
class TrustedFolder {
public:
    /// Nothing if the folder cannot be had or trusted. With `make`, missing parts are made (0755).
    static std::optional<TrustedFolder> open(const std::string& path, bool make);

    /// A regular file of one name, not writable by others, of at most 64 KiB.
    std::optional<std::string> read(const std::string& name) const;
    /// Puts a file in place by renaming, or changes nothing.
    bool replace(const std::string& name, std::string_view contents) const;
    /// Adds one line to a file, which is renamed to NAME.1 once it holds 8 MiB.
    bool append(const std::string& name, std::string_view line) const;
    void remove(const std::string& name) const;
    /// A lock that only root can open, or nothing if it is taken after `patience_ms`. It goes with
    /// the descriptor, and with the process.
    std::unique_ptr<Descriptor> lock(const std::string& name, int patience_ms) const;

private:
    explicit TrustedFolder(int fd) : folder_(std::make_shared<Descriptor>(fd)) {}
    int open_file(const std::string& name, int flags, mode_t mode = 0) const;

    std::shared_ptr<Descriptor> folder_;
};

}  // namespace amorsize::hooks
