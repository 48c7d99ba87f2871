#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

namespace {

constexpr std::uint64_t kFurther = 1000;  // streams of choices beyond those of rounds

}  // namespace

void sample_one_by_one(SampleSession& session, int count, std::uint64_t stream) {
    const std::vector<std::int64_t> chosen = session.choose(count, stream);
    int done = 0;
    for (const std::int64_t index : chosen) {
        session.report("one at a time", done, static_cast<int>(chosen.size()));
        if (!session.worth(session.mean_alone(), session.mean_alone())) return;
        ItemRun run = run_item(session.scope(), session.command({index}, 0), session.limits());
        if (!session.accept(index, std::move(run))) return;
        ++done;
    }
    session.report("one at a time", done, done);
}

void sample_one_by_one(SampleSession& session) {
    sample_one_by_one(session, session.request().manifest.sample.size, 0);
    std::uint64_t stream = kFurther;
    while (const int more = session.worth_adding()) sample_one_by_one(session, more, stream++);
}

}  // namespace amorsize::measure
