#include "advisor/measure/sampler.hpp"

#include "advisor/core/error.hpp"
#include "advisor/measure/sample_session.hpp"

namespace amorsize::measure {

namespace {

std::string why_not_sampled(const SampleRequest& request) {
    const Manifest& manifest = request.manifest;
    if (manifest.kind == JobKind::mpi) {
        return "kind mpi is one program on all ranks, and one rank alone would not "
               "tell its time";
    }
    if (manifest.mode == Mode::program) {
        return "in mode program the command shares out its items itself, so a sample "
               "would be the whole job";
    }
    if (request.items <= 0) return "the list of items is empty";
    if (manifest.sample.size <= 0) return "sample.size is 0";
    return {};
}

void run_items_of(SampleSession& session, const Manifest& manifest) {
    session.run_prelude();
    switch (manifest.mode) {
        case Mode::stream:
            sample_stream(session);
            break;
        case Mode::batch:
            sample_batch(session);
            sample_side_by_side(session);
            break;
        default:
            sample_one_by_one(session);
            sample_side_by_side(session);
            if (manifest.resources.try_threads) sample_more_threads(session);
    }
}

SampleResult sample(const SampleRequest& request) {
    SampleSession session(request);
    try {
        run_items_of(session, request.manifest);
    } catch (const Interrupted&) {
        if (request.interrupted) request.interrupted();
        throw;
    }
    return session.finish();
}

}  // namespace

SampleResult run_sample(const SampleRequest& request) {
    SampleResult result;
    result.not_sampled = why_not_sampled(request);
    if (!result.not_sampled.empty()) {
        result.ended_by = SampleEnd::not_sampled;
        result.profile.items = request.items;
        return result;
    }
    try {
        return sample(request);
    } catch (const Interrupted&) {
        throw Error(ExitCode::environment,
                    "the sample was interrupted; every process it had started was ended");
    }
}

}  // namespace amorsize::measure
