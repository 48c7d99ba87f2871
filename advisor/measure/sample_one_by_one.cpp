#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

void sample_one_by_one(SampleSession& session, int count) {
    const std::vector<std::int64_t> chosen = session.choose(count, 0);
    int done = 0;
    for (const std::int64_t index : chosen) {
        session.report("one at a time", done, static_cast<int>(chosen.size()));
        if (!session.worth(session.mean_alone())) return;
        ItemRun run = run_item(session.scope(), session.command({index}, 0), session.limits());
        if (!session.accept(index, std::move(run))) return;
        ++done;
    }
    session.report("one at a time", done, done);
}

}  // namespace amorsize::measure
