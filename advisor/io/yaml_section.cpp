#include "advisor/io/yaml_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/io/nearest.hpp"

namespace amorsize::yaml {

namespace {

bool is_yaml_1_1_boolean(std::string word) {
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::vector<std::string> words{"y", "n", "yes", "no", "on", "off"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

Parsed<Seconds> parse_seconds(std::string_view text) {
    const Parsed<double> number = parse_number(text);
    if (!number) return parse_duration(text);
    if (*number.value < 0) return {std::nullopt, "is negative", "times are 0 or more"};
    return parse_duration(fmt::format("{}s", *number.value));
}

}  // namespace

std::string describe(const Node& node) {
    switch (node.kind) {
        case Kind::null:
            return "nothing";
        case Kind::list:
            return "a list";
        case Kind::map:
            return "a mapping";
        case Kind::scalar:
            return in_quotes(node.text);
    }
    return "";
}

std::optional<Section> top_section(const std::optional<Node>& root, const std::string& what,
                                   Diagnostics& faults) {
    if (!root) {
        if (faults.empty())
            faults.add({1, 1}, "", fmt::format("the {} is empty", what),
                       "write lines of KEY: VALUE");
        return std::nullopt;
    }
    if (root->kind != Kind::map) {
        const std::string found = root->kind == Kind::null
                                      ? "empty"
                                      : fmt::format("{}, not keys with values", describe(*root));
        const bool script = faults.line(1).starts_with("#!");
        faults.add(root->mark, "", fmt::format("the {} is {}", what, found),
                   script ? "this is a script: name the file that describes the job"
                          : "write lines of KEY: VALUE");
        return std::nullopt;
    }
    return Section(*root, "", faults);
}

Section::Section(const Node& map, std::string path, Diagnostics& faults)
    : map_(&map), path_(std::move(path)), faults_(&faults) {}

const Node* Section::find(const std::string& key) const {
    for (std::size_t i = 0; i < map_->keys.size(); ++i) {
        if (map_->keys[i].text == key) return &map_->items[i];
    }
    return nullptr;
}

const Node* Section::node(const std::string& key) {
    skip({key});
    return find(key);
}

void Section::fault_at(Mark at, const std::string& key, const std::string& message,
                       const std::string& hint) {
    faults_->add(at, full_name(key), message, hint);
}

void Section::fault(const std::string& key, const std::string& message, const std::string& hint) {
    const Node* value = find(key);
    fault_at(value != nullptr ? value->mark : map_->mark, key, message, hint);
}

void Section::missing(const std::string& key, const std::string& what, const std::string& hint) {
    if (!has(key)) missing_.push_back({key, what, hint});
}

const Node* Section::scalar(const std::string& key, const std::string& what) {
    const Node* value = node(key);
    if (value == nullptr) return nullptr;
    if (value->kind == Kind::scalar) return value;
    if (value->kind == Kind::null) {
        fault(key, fmt::format("has no value, but needs {}", what),
              "write a value, or remove the key");
    } else {
        fault(key, fmt::format("is {}, but must be {}", describe(*value), what),
              "write KEY: VALUE with one value");
    }
    return nullptr;
}

const Node* Section::list(const std::string& key, const std::string& what) {
    const Node* value = node(key);
    if (value == nullptr || value->kind == Kind::list) return value;
    fault(key, fmt::format("is {}, but must be a list of {}", describe(*value), what),
          "put the values into [ ]");
    return nullptr;
}

template <class T>
std::optional<T> Section::take(const std::string& key, const Node& value, Parsed<T> parsed) {
    if (!parsed)
        fault_at(value.mark, key, fmt::format("{} {}", describe(value), parsed.message),
                 parsed.hint);
    return parsed.value;
}

template <class T>
std::optional<T> Section::quantity(const std::string& key, const std::string& what,
                                   Parsed<T> (*parse)(std::string_view)) {
    const Node* value = scalar(key, what);
    if (value == nullptr) return std::nullopt;
    return take(key, *value, parse(value->text));
}

std::optional<std::string> Section::text(const std::string& key) {
    const Node* value = scalar(key, "text");
    return value != nullptr ? std::optional(value->text) : std::nullopt;
}

std::optional<bool> Section::boolean(const std::string& key) {
    const Node* value = scalar(key, "true or false");
    if (value == nullptr) return std::nullopt;
    if (!value->quoted && (value->text == "true" || value->text == "True" || value->text == "TRUE"))
        return true;
    if (!value->quoted &&
        (value->text == "false" || value->text == "False" || value->text == "FALSE"))
        return false;
    fault(key, fmt::format("{} is not true or false", describe(*value)),
          value->quoted ? "write true or false without quotes"
          : is_yaml_1_1_boolean(value->text)
              ? "YAML readers disagree about this word: write true or false"
              : "write true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Section::integer(const std::string& key, IntegerRange range) {
    const Node* value = scalar(key, "a whole number");
    if (value == nullptr) return std::nullopt;
    if (value->quoted) {
        fault(key, fmt::format("{} is text, but must be a whole number", describe(*value)),
              "remove the quotes");
        return std::nullopt;
    }
    const auto parsed = take(key, *value, parse_integer(value->text));
    if (!parsed) return std::nullopt;
    if (*parsed < range.least || *parsed > range.most) {
        const bool low = *parsed < range.least;
        const std::string bound =
            fmt::format("at {} {}", low ? "least" : "most", low ? range.least : range.most);
        fault(key, fmt::format("is {}, but must be {}", *parsed, bound),
              "write a whole number, " + bound);
        return std::nullopt;
    }
    return parsed;
}

std::optional<int> Section::small_integer(const std::string& key, int least) {
    constexpr std::int64_t kMost = 1'000'000'000;  // sums and products of two stay within 64 bits
    const auto value = integer(key, {least, kMost});
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<double> Section::number(const std::string& key) {
    const Node* value = scalar(key, "a number");
    if (value == nullptr) return std::nullopt;
    if (value->quoted) {
        fault(key, fmt::format("{} is text, but must be a number", describe(*value)),
              "remove the quotes");
        return std::nullopt;
    }
    return take(key, *value, parse_number(value->text));
}

std::optional<Bytes> Section::size(const std::string& key) {
    return quantity(key, "a size", parse_size);
}

std::optional<Seconds> Section::duration(const std::string& key) {
    return quantity(key, "a time", parse_duration);
}

std::optional<Seconds> Section::seconds(const std::string& key) {
    return quantity(key, "a time", parse_seconds);
}

std::optional<BytesPerSecond> Section::rate(const std::string& key) {
    return quantity(key, "a rate", parse_rate);
}

std::string Section::element_name(const std::string& key, std::size_t index) const {
    return fmt::format("{}[{}]", key, index);
}

std::optional<std::string> Section::item_text(const std::string& key, const Node& item) {
    if (item.kind == Kind::scalar) return item.text;
    const bool placeholder =
        item.kind == Kind::map && item.keys.size() == 1 && item.items[0].kind == Kind::null;
    const std::string hint = placeholder
                                 ? fmt::format("write \"{{{}}}\" in quotes", item.keys[0].text)
                                 : "put the text into quotes";
    fault_at(item.mark, key, fmt::format("is {}, but must be text", describe(item)), hint);
    return std::nullopt;
}

std::optional<std::vector<std::string>> Section::texts(const std::string& key) {
    const Node* value = list(key, "texts");
    if (value == nullptr) return std::nullopt;
    std::vector<std::string> found;
    for (std::size_t i = 0; i < value->items.size(); ++i) {
        if (auto text = item_text(element_name(key, i), value->items[i]))
            found.push_back(std::move(*text));
    }
    if (found.size() != value->items.size()) return std::nullopt;
    return found;
}

std::optional<std::vector<Bytes>> Section::sizes(const std::string& key) {
    const auto words = texts(key);
    if (!words) return std::nullopt;
    const Node* value = find(key);
    std::vector<Bytes> found;
    for (std::size_t i = 0; i < words->size(); ++i) {
        const auto size = take(element_name(key, i), value->items[i], parse_size((*words)[i]));
        if (size) found.push_back(*size);
    }
    if (found.size() != words->size()) return std::nullopt;
    return found;
}

std::optional<std::map<std::string, std::string>> Section::text_map(const std::string& key) {
    const Node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (value->kind != Kind::map) {
        fault(key, fmt::format("is {}, but must be keys with values", describe(*value)),
              "write {KEY: value}");
        return std::nullopt;
    }
    std::map<std::string, std::string> found;
    for (std::size_t i = 0; i < value->keys.size(); ++i) {
        const Node& item = value->items[i];
        const std::string name = key + "." + value->keys[i].text;
        if (item.kind == Kind::null) {
            fault_at(item.mark, name, "has no value", "write \"\" for an empty one");
        } else if (const auto text = item_text(name, item)) {
            found[value->keys[i].text] = *text;
        }
    }
    return found;
}

std::optional<Section> Section::section(const std::string& key) {
    const Node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (value->kind == Kind::map) return Section(*value, full_name(key) + ".", *faults_);
    fault(key, fmt::format("is {}, but must be keys with values", describe(*value)),
          "write {KEY: value}");
    return std::nullopt;
}

std::optional<std::vector<Section>> Section::sections(const std::string& key) {
    const Node* value = list(key, "mappings");
    if (value == nullptr) return std::nullopt;
    std::vector<Section> found;
    for (std::size_t i = 0; i < value->items.size(); ++i) {
        const Node& item = value->items[i];
        if (item.kind == Kind::map) {
            found.emplace_back(item, full_name(element_name(key, i)) + ".", *faults_);
        } else {
            fault_at(item.mark, element_name(key, i),
                     fmt::format("is {}, but must be keys with values", describe(item)),
                     "write {KEY: value}");
        }
    }
    return found;
}

std::optional<std::size_t> Section::known_word(const std::string& key,
                                               const std::vector<std::string>& known) {
    const Node* value = scalar(key, one_of(known));
    if (value == nullptr) return std::nullopt;
    const auto found = std::find(known.begin(), known.end(), value->text);
    if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
    const std::string near = nearest(value->text, known);
    fault(key, fmt::format("{} is not {}", describe(*value), one_of(known)),
          near.empty() ? "write " + one_of(known) : fmt::format("did you mean {}?", near));
    return std::nullopt;
}

void Section::skip(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
    }
}

std::string Section::hint_for_unknown(const std::string& key,
                                      const std::vector<std::string>& elsewhere) const {
    if (key == "<<") return "merge keys are not supported: write the keys themselves here";
    const auto other = std::find_if(
        elsewhere.begin(), elsewhere.end(),
        [&](const std::string& name) { return name.substr(name.rfind('.') + 1) == key; });
    if (other != elsewhere.end()) return fmt::format("did you mean {}?", *other);
    const std::string near = nearest(key, known_);
    if (!near.empty()) return fmt::format("did you mean {}?", full_name(near));
    return fmt::format("known here: {}", one_of(known_));
}

void Section::finish(const std::vector<std::string>& elsewhere) {
    for (const Missing& absent : missing_) skip({absent.key});
    std::vector<std::string> misspelt;
    for (const Node& key : map_->keys) {
        if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) continue;
        misspelt.push_back(nearest(key.text, known_));
        faults_->add(key.mark, full_name(key.text), "is not a known key",
                     hint_for_unknown(key.text, elsewhere));
    }
    for (const Missing& absent : missing_) {
        if (std::find(misspelt.begin(), misspelt.end(), absent.key) != misspelt.end()) continue;
        fault_at(map_->mark, absent.key, fmt::format("is missing: {}", absent.what), absent.hint);
    }
}

}  // namespace amorsize::yaml
