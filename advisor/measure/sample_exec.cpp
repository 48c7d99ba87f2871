#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

void sample_exec(SampleSession& session) {
    const std::vector<std::int64_t> chosen =
        session.choose(session.request().manifest.sample.size, 0);
    int done = 0;
    for (const std::int64_t index : chosen) {
        session.report("one at a time", done, static_cast<int>(chosen.size()));
        if (!session.worth(session.mean_alone())) return;
        if (!session.accept(
                index, run_item(session.scope(), session.command({index}, 0), session.limits()))) {
            return;
        }
        ++done;
    }
    session.report("one at a time", done, done);
}

}  // namespace amorsize::measure
