#include "advisor/io/strategy_json.hpp"

#include <nlohmann/json.hpp>

#include "advisor/io/plan_words.hpp"

namespace amorsize {

using Json = nlohmann::ordered_json;

std::string strategy_word(const Plan& plan) {
    return word_of(strategy_of(plan), strategies());
}

Json pareto_json(const Advice& advice) {
    Json list = Json::array();
    for (const Plan* plan : pareto_set(advice)) {
        const Prediction& predicted = plan->predicted;
        const bool timed = predicted.item_times.has_value();
        list.push_back(
            {{"strategy", strategy_word(*plan)},
             {"chosen", plan == &*advice.plan},
             {"nodes", plan->layout.nodes},
             {"workers", plan->layout.workers},
             {"wall_seconds", timed ? Json(predicted.wall.p50.value) : Json()},
             {"core_hours", timed ? Json(predicted.core_hours) : Json()},
             {"mem_mib_per_node", plan->request.mem_mib_per_node},
             {"queue_seconds", predicted.queue ? Json(predicted.queue->value) : Json()}});
    }
    return list;
}

}  // namespace amorsize
