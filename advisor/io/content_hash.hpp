#pragma once

#include <string>

namespace amorsize {

/// A hash of a file's bytes in hexadecimal (64-bit FNV-1a: tells builds apart, guards against
/// nobody); empty if the file cannot be read.
std::string content_hash(const std::string& path);

}  // namespace amorsize
