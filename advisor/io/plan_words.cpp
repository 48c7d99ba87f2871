#include "advisor/io/plan_words.hpp"

namespace amorsize {

const yaml::Words<Verdict>& verdicts() {
    static const yaml::Words<Verdict> words{{"parallel", Verdict::parallel},
                                            {"serial", Verdict::serial},
                                            {"infeasible", Verdict::infeasible}};
    return words;
}

const yaml::Words<Schedule>& schedules() {
    static const yaml::Words<Schedule> words{{"fixed", Schedule::fixed},
                                             {"guided", Schedule::guided},
                                             {"factoring", Schedule::factoring},
                                             {"weighted_factoring", Schedule::weighted_factoring}};
    return words;
}

const yaml::Words<Source>& sources() {
    static const yaml::Words<Source> words{{"measured", Source::measured},
                                           {"sampled", Source::sampled},
                                           {"given", Source::given},
                                           {"history", Source::history},
                                           {"assumed", Source::assumed}};
    return words;
}

const yaml::Words<Strategy>& strategies() {
    static const yaml::Words<Strategy> words{{"serial", Strategy::serial},
                                             {"one_node", Strategy::one_node},
                                             {"many_nodes", Strategy::many_nodes},
                                             {"job_array", Strategy::job_array}};
    return words;
}

}  // namespace amorsize
