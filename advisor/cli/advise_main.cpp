#include <fmt/format.h>

#include "advisor/cli/advise_job.hpp"
#include "advisor/cli/advise_options.hpp"
#include "advisor/cli/node_findings.hpp"
#include "advisor/cli/observe_here.hpp"
#include "advisor/cli/program.hpp"
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
    return amorsize::cli::run_program("amorsize-advise", [&] { return run(argc, argv); });
}
