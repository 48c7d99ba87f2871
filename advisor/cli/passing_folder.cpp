#include "advisor/cli/passing_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace amorsize::cli {

namespace fs = std::filesystem;

namespace {

// Who is still at work there may add a file while the folder is being emptied.
constexpr int kMostTries = 5;

/// Nobody but root and this user can rename what this user makes in the folder.
bool keeps_what_is_ours(const std::string& folder) {
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0) return false;
    const bool of_us = found.st_uid == ::geteuid() || found.st_uid == 0;
    const bool open_to_others = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    return of_us && (!open_to_others || (found.st_mode & S_ISVTX) != 0);
}

}  // namespace

PassingFolder::PassingFolder(const std::string& parent) {
    if (parent.empty()) return;
    std::error_code failed;
    fs::create_directories(parent, failed);
    if (!keeps_what_is_ours(parent)) return;
    std::string path = (fs::path(parent) / "passing-XXXXXX").string();
    if (::mkdtemp(path.data()) != nullptr) path_ = path;
}

PassingFolder::~PassingFolder() {
    std::error_code failed;
    for (int i = 0; i < kMostTries && !path_.empty(); ++i) {
        fs::remove_all(path_, failed);
        if (!failed) return;
    }
}

}  // namespace amorsize::cli
