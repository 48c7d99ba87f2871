#include "advisor/cli/program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "advisor/core/error.hpp"

namespace amorsize::cli {

namespace {

int run_and_flush(const std::function<int()>& work) {
    const int status = work();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw Error(ExitCode::environment, "cannot write to standard output");
    return status;
}

}  // namespace

void tell(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

int run_program(const char* name, const std::function<int()>& work) {
    try {
        return run_and_flush(work);
    } catch (const Error& error) {
        tell(fmt::format("{}: {}\n", name, error.what()));
        if (!error.hint.empty()) tell(fmt::format("hint: {}\n", error.hint));
        return static_cast<int>(error.code);
    } catch (const std::filesystem::filesystem_error& error) {
        tell(fmt::format("{}: {}\n", name, error.what()));
        return static_cast<int>(ExitCode::environment);
    } catch (const std::exception& fault) {
        tell(fmt::format("{}: internal error: {}\n", name, fault.what()));
        return static_cast<int>(ExitCode::internal);
    }
}

}  // namespace amorsize::cli
