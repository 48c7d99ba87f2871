#include <cstdlib>

#include "advisor/io/plan_file.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace amorsize;

namespace {

std::string rewritten(const PlannedJob& planned) {
    Advice advice;
    advice.verdict = planned.verdict;
    advice.plan = planned.plan;
    return write_plan(planned.job, planned.items, advice);
}

}  // namespace

/// What the reader takes must survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::read(data, size, [](std::string_view text) {
        const std::string written = rewritten(parse_plan(text, "job.plan.yaml"));
        std::string again;
        try {
            again = rewritten(parse_plan(written, "job.plan.yaml"));
        } catch (const Error&) {
        }
        if (again != written) std::abort();
    });
}
