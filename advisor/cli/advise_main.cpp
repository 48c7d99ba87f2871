#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "advisor/cli/advise_job.hpp"
#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/node_findings.hpp"
#include "advisor/cli/observe_here.hpp"
#include "advisor/core/error.hpp"
#include "advisor/measure/process_start.hpp"

namespace {

int run(int argc, char** argv) {
    const auto options = amorsize::cli::parse_advise_options(argc, argv);
    if (!options) return 0;
    const auto surroundings = amorsize::cli::Surroundings::of_process(argv[0]);
    if (options->observe_here) {
        fmt::print("{}", amorsize::cli::findings_line(
                             amorsize::cli::observe_here(*options, surroundings)));
        return 0;
    }
    return static_cast<int>(amorsize::cli::advise_job(*options, surroundings));
}

}  // namespace

int main(int argc, char** argv) {
    amorsize::measure::prepare_process();
    try {
        const int status = run(argc, argv);
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
            throw amorsize::Error(amorsize::ExitCode::environment,
                                  "cannot write to standard output");
        }
        return status;
    } catch (const amorsize::Error& error) {
        fmt::print(stderr, "amorsize-advise: {}\n", error.what());
        if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
        return static_cast<int>(error.code);
    } catch (const std::filesystem::filesystem_error& error) {
        fmt::print(stderr, "amorsize-advise: {}\n", error.what());
        return static_cast<int>(amorsize::ExitCode::environment);
    } catch (const std::exception& fault) {
        fmt::print(stderr, "amorsize-advise: internal error: {}\n", fault.what());
        return static_cast<int>(amorsize::ExitCode::internal);
    }
}
