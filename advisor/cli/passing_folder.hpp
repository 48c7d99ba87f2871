#pragma once

#include <string>

namespace amorsize::cli {

/// A folder below `parent` that only this user can read or change, gone with the value and with
/// all that was put there meanwhile. There is none where it cannot be made, or where others may
/// put one of theirs in its place.
class PassingFolder {
public:
    explicit PassingFolder(const std::string& parent);
    PassingFolder(const PassingFolder&) = delete;
    PassingFolder& operator=(const PassingFolder&) = delete;
    ~PassingFolder();

    /// Absolute; empty if there is none.
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace amorsize::cli
