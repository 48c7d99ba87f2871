#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace amorsize {

/// The bytes of a regular file of at most `limit` bytes. Throws Error (bad_input) naming the file
/// and `what` it should be ("manifest") if it is missing, unreadable, too large or not a regular
/// file.
std::string read_text_file(const std::string& path, const std::string& what, std::size_t limit);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view);
/// Where the first ill-formed byte or NUL is; npos if there is none.
std::size_t first_bad_byte(std::string_view);

/// The text without a byte order mark at its front.
std::string_view without_bom(std::string_view);

/// The folder of a file as an absolute path.
std::string absolute_directory_of(const std::string& path);

}  // namespace amorsize
