#pragma once

#include <string>

namespace amorsize::cli {

/// A file in the folder for temporaries that no other user can read or has put there, gone with the
/// value. Throws Error (environment) if it cannot be made or takes less than the whole text.
class PassingFile {
public:
    explicit PassingFile(const std::string& text);
    PassingFile(const PassingFile&) = delete;
    PassingFile& operator=(const PassingFile&) = delete;
    ~PassingFile();

    const std::string& path() const { return path_; }

private:
    PassingFile();

    std::string path_;
    int file_;
};

}  // namespace amorsize::cli
