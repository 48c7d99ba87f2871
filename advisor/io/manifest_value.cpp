#include "advisor/io/manifest_value.hpp"

#include <nlohmann/json.hpp>

#include "advisor/io/manifest_section.hpp"
#include "advisor/io/plan_words.hpp"
#include "advisor/io/quantity_text.hpp"

namespace amorsize {

namespace {

using Json = nlohmann::ordered_json;

struct ItemsToJson {
    Json operator()(const ItemRange& range) const { return {{"range", {range.begin, range.end}}}; }
    Json operator()(const ItemFile& file) const { return {{"file", file.path}}; }
    Json operator()(const ItemGlob& glob) const { return {{"glob", glob.pattern}}; }
    Json operator()(const ItemCount& count) const { return {{"count", count.count}}; }
};

Json command_json(const Command& command) {
    return command.shell ? Json(command.argv.front()) : Json(command.argv);
}

Json resources_json(const Resources& resources) {
    return {{"threads", resources.try_threads ? Json("auto") : Json(resources.threads)},
            {"memory", resources.memory ? size_text(*resources.memory) : "auto"},
            {"gpus", resources.gpus}};
}

Json sample_json(const SamplePolicy& sample) {
    Json json{{"size", sample.size},
              {"choose", word_of(sample.choose, sample_choices())},
              {"budget", duration_text(sample.budget)},
              {"reuse", sample.reuse}};
    if (sample.timeout) json["timeout"] = duration_text(*sample.timeout);
    return json;
}

Json profile_json(const KnownProfile& profile) {
    Json json = Json::object();
    if (profile.seconds) json["seconds"] = duration_text(*profile.seconds);
    if (profile.cv) json["cv"] = *profile.cv;
    if (profile.peak_memory) json["peak_memory"] = size_text(*profile.peak_memory);
    if (profile.cpu_share) json["cpu_share"] = profile.cpu_share->value;
    return json;
}

Json limits_json(const Limits& limits) {
    Json json = Json::object();
    if (limits.nodes) json["nodes"] = *limits.nodes;
    if (limits.time) json["time"] = duration_text(*limits.time);
    if (limits.partition) json["partition"] = *limits.partition;
    if (limits.account) json["account"] = *limits.account;
    if (limits.qos) json["qos"] = *limits.qos;
    if (limits.constraint) json["constraint"] = *limits.constraint;
    return json;
}

}  // namespace

Json manifest_value(const Manifest& manifest) {
    Json json{{"amorsize", 1},
              {"name", manifest.name},
              {"kind", word_of(manifest.kind, job_kinds())},
              {"mode", word_of(manifest.mode, modes())},
              {"command", command_json(manifest.command)},
              {"items", std::visit(ItemsToJson{}, manifest.items)},
              {"resources", resources_json(manifest.resources)},
              {"sample", sample_json(manifest.sample)},
              {"profile", profile_json(manifest.profile)},
              {"limits", limits_json(manifest.limits)},
              {"goal", word_of(manifest.goal, goals())},
              {"risk", manifest.risk.value},
              {"headroom", manifest.headroom.value},
              {"launcher", word_of(manifest.launcher, launchers())},
              {"retry",
               {{"attempts", manifest.retry.attempts},
                {"backoff", duration_text(manifest.retry.backoff)}}}};
    if (manifest.strategy != StrategyChoice::automatic)
        json["strategy"] = word_of(manifest.strategy, strategy_choices());
    if (!manifest.history) json["history"] = false;
    if (!manifest.environment.empty()) json["environment"] = manifest.environment;
    if (!manifest.prelude.empty()) json["prelude"] = manifest.prelude;
    if (!manifest.slurm.empty()) json["slurm"] = manifest.slurm;
    return json;
}

}  // namespace amorsize
