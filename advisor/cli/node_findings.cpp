#include "advisor/cli/node_findings.hpp"

#include <nlohmann/json.hpp>

namespace amorsize::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMarker = "amorsize-findings: ";

// JSON knows characters, not bytes: each byte becomes the character of its number.
std::string characters(const std::string& bytes) {
    std::string text;
    for (const char character : bytes) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x80) {
            text += character;
        } else {
            text += static_cast<char>(0xc0 | (byte >> 6));
            text += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return text;
}

std::string bytes(const Json& value) {
    const auto& text = value.get_ref<const std::string&>();
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0x80) {
            out += text[i];
        } else {
            const auto second = static_cast<unsigned char>(text.at(++i));
            out += static_cast<char>(((first & 0x03) << 6) | (second & 0x3f));
        }
    }
    return out;
}

template <class Q>
Json optional_value(const std::optional<Q>& quantity) {
    return quantity ? Json(quantity->value) : Json();
}

template <class Q>
std::optional<Q> optional_quantity(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return Q{json.get<decltype(Q::value)>()};
}

Json sample_json(const Sample& sample) {
    return {{"seconds", sample.seconds.value},
            {"peak", optional_value(sample.peak_rss)},
            {"user", optional_value(sample.user)},
            {"system", optional_value(sample.system)},
            {"input", optional_value(sample.input)},
            {"output", optional_value(sample.output)},
            {"concurrency", sample.concurrency},
            {"item", sample.item ? Json(characters(*sample.item)) : Json()},
            {"exit_code", sample.exit_code},
            {"queued", optional_value(sample.queued)},
            {"threads", sample.threads},
            {"round", sample.round}};
}

Sample sample_of(const Json& json) {
    Sample sample;
    sample.seconds = {json.at("seconds").get<double>()};
    sample.peak_rss = optional_quantity<Bytes>(json.at("peak"));
    sample.user = optional_quantity<Seconds>(json.at("user"));
    sample.system = optional_quantity<Seconds>(json.at("system"));
    sample.input = optional_quantity<Bytes>(json.at("input"));
    sample.output = optional_quantity<Bytes>(json.at("output"));
    sample.concurrency = json.at("concurrency").get<int>();
    if (!json.at("item").is_null()) sample.item = bytes(json.at("item"));
    sample.exit_code = json.at("exit_code").get<int>();
    sample.queued = optional_quantity<Seconds>(json.at("queued"));
    sample.threads = json.at("threads").get<int>();
    sample.round = json.at("round").get<int>();
    return sample;
}

Json common_json(const std::optional<CommonPages>& common) {
    if (!common) return {};
    return {{"of_worker", common->of_worker.value}, {"at_most", common->at_most.value}};
}

std::optional<CommonPages> common_of(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return CommonPages{{json.at("of_worker").get<std::int64_t>()},
                       {json.at("at_most").get<std::int64_t>()}};
}

Json kept_json(const KeptItem& item) {
    return {{"index", item.index},           {"item", characters(item.item)},
            {"seconds", item.seconds.value}, {"exit_code", item.exit_code},
            {"out", characters(item.out)},   {"err", characters(item.err)}};
}

KeptItem kept_of(const Json& json) {
    return {json.at("index").get<std::int64_t>(),
            bytes(json.at("item")),
            {json.at("seconds").get<double>()},
            json.at("exit_code").get<int>(),
            bytes(json.at("out")),
            bytes(json.at("err"))};
}

Json observed_json(const Observation& observed) {
    Json json{
        {"items", observed.profile.items},
        {"origin", characters(observed.profile.origin)},
        {"cost", observed.profile.cost.value},
        {"worker_start", optional_value(observed.profile.worker_start)},
        {"sampled_cores", observed.profile.sampled_cores},
        {"common", common_json(observed.profile.common)},
        {"warm_up", observed.profile.warm_up ? sample_json(*observed.profile.warm_up) : Json()},
        {"unfinished", Json::array()},
        {"failed", observed.profile.failed},
        {"too_little_to_save", optional_value(observed.profile.too_little_to_save)},
        {"samples", Json::array()},
        {"more_threads", Json::array()},
        {"kept", Json::array()},
        {"notes", Json::array()}};
    for (const Sample& sample : observed.profile.samples)
        json["samples"].push_back(sample_json(sample));
    for (const Sample& sample : observed.profile.more_threads)
        json["more_threads"].push_back(sample_json(sample));
    for (const Seconds at_least : observed.profile.unfinished)
        json["unfinished"].push_back(at_least.value);
    for (const KeptItem& item : observed.kept) json["kept"].push_back(kept_json(item));
    for (const std::string& note : observed.notes) json["notes"].push_back(characters(note));
    return json;
}

Observation observation_of(const Json& json) {
    Observation observed;
    observed.profile.items = json.at("items").get<std::int64_t>();
    observed.profile.source = Source::sampled;
    observed.profile.origin = bytes(json.at("origin"));
    observed.profile.cost = {json.at("cost").get<double>()};
    observed.profile.worker_start = optional_quantity<Seconds>(json.at("worker_start"));
    observed.profile.sampled_cores = json.at("sampled_cores").get<int>();
    observed.profile.common = common_of(json.at("common"));
    const Json& warm_up = json.at("warm_up");
    if (!warm_up.is_null()) observed.profile.warm_up = sample_of(warm_up);
    for (const Json& at_least : json.at("unfinished"))
        observed.profile.unfinished.push_back({at_least.get<double>()});
    observed.profile.failed = json.at("failed").get<int>();
    observed.profile.too_little_to_save = optional_quantity<Seconds>(json.at("too_little_to_save"));
    for (const Json& sample : json.at("samples"))
        observed.profile.samples.push_back(sample_of(sample));
    for (const Json& sample : json.at("more_threads"))
        observed.profile.more_threads.push_back(sample_of(sample));
    for (const Json& item : json.at("kept")) observed.kept.push_back(kept_of(item));
    for (const Json& note : json.at("notes")) observed.notes.push_back(bytes(note));
    return observed;
}

NodeFindings findings_of(const Json& json) {
    NodeFindings findings;
    findings.node = bytes(json.at("node"));
    if (json.contains("observed")) findings.observed = observation_of(json.at("observed"));
    if (json.contains("error")) {
        const Json& error = json.at("error");
        findings.error = Error(static_cast<ExitCode>(error.at("code").get<int>()),
                               bytes(error.at("message")), bytes(error.at("hint")));
    }
    return findings;
}

}  // namespace

std::string findings_line(const NodeFindings& findings) {
    Json json{{"node", characters(findings.node)}};
    if (findings.observed) json["observed"] = observed_json(*findings.observed);
    if (findings.error) {
        json["error"] = {{"code", static_cast<int>(findings.error->code)},
                         {"message", characters(findings.error->what())},
                         {"hint", characters(findings.error->hint)}};
    }
    return std::string(kMarker) + json.dump() + "\n";
}

std::optional<NodeFindings> find_findings(std::string_view printed) {
    const std::size_t at = printed.rfind(kMarker);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view line = printed.substr(at + kMarker.size());
    line = line.substr(0, line.find('\n'));
    try {
        return findings_of(Json::parse(line));
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const std::out_of_range&) {
        return std::nullopt;
    }
}

}  // namespace amorsize::cli
