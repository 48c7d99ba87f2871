#pragma once

#include <functional>
#include <string>

namespace amorsize::cli {

/// On standard error, whether or not it can be written to: nobody need be listening.
void tell(const std::string& text);

/// What `work` returns, or the exit code of what it throws, told as an error of the program `name`.
/// Standard output that could not be written is such an error too.
int run_program(const char* name, const std::function<int()>& work);

}  // namespace amorsize::cli
