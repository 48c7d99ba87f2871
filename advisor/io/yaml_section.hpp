#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisor/core/units.hpp"
#include "advisor/io/diagnostics.hpp"
#include "advisor/io/quantity_text.hpp"
#include "advisor/io/yaml_tree.hpp"

namespace amorsize::yaml {

/// Bounds of a number, both included.
struct IntegerRange {
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// Words and the values they stand for.
template <class E>
using Words = std::vector<std::pair<std::string, E>>;

/// The keys of one mapping. Each getter returns nothing when the key is absent, or when its value
/// is wrong, which it then has noted among the faults. A key asked for is a known key;
/// finish(), to be called last, reports the others and the required ones that are missing.
class Section {
public:
    /// `path` is what stands before the keys in messages: "sample.", or nothing at the top.
    Section(const Node& map, std::string path, Diagnostics& faults);

    bool has(const std::string& key) const { return find(key) != nullptr; }
    /// The value under a key, which thereby is known; null if absent.
    const Node* node(const std::string& key);

    std::optional<std::string> text(const std::string& key);
    std::optional<bool> boolean(const std::string& key);
    std::optional<std::int64_t> integer(const std::string& key, IntegerRange = {});
    std::optional<int> small_integer(const std::string& key, int least = 0);
    std::optional<double> number(const std::string& key);
    std::optional<Bytes> size(const std::string& key);
    std::optional<Seconds> duration(const std::string& key);
    /// A duration, or a bare number of seconds.
    std::optional<Seconds> seconds(const std::string& key);
    std::optional<BytesPerSecond> rate(const std::string& key);
    std::optional<std::vector<std::string>> texts(const std::string& key);
    std::optional<std::vector<Bytes>> sizes(const std::string& key);
    std::optional<std::map<std::string, std::string>> text_map(const std::string& key);
    std::optional<Section> section(const std::string& key);
    /// The sections of a list of mappings.
    std::optional<std::vector<Section>> sections(const std::string& key);

    template <class E>
    std::optional<E> word(const std::string& key, const Words<E>& words) {
        std::vector<std::string> known;
        for (const auto& [name, value] : words) known.push_back(name);
        const auto found = known_word(key, known);
        if (!found) return std::nullopt;
        return words[*found].second;
    }

    /// Requires a key; finish() reports it unless an unknown key looks like a misspelling of it.
    void missing(const std::string& key, const std::string& what, const std::string& hint);
    /// Notes a fault at a key's value, or at the section if the key is absent.
    void fault(const std::string& key, const std::string& message, const std::string& hint);
    void fault_at(Mark at, const std::string& key, const std::string& message,
                  const std::string& hint);
    /// Leaves keys unread on purpose.
    void skip(const std::vector<std::string>& keys);
    /// Reports unknown keys. `elsewhere` are full names of keys of other sections, for the hint.
    void finish(const std::vector<std::string>& elsewhere = {});

    Mark mark() const { return map_->mark; }
    std::string full_name(const std::string& key) const { return path_ + key; }
    Diagnostics& faults() const { return *faults_; }

private:
    const Node* find(const std::string& key) const;
    const Node* scalar(const std::string& key, const std::string& what);
    const Node* list(const std::string& key, const std::string& what);
    std::optional<std::string> item_text(const std::string& key, const Node& item);
    std::optional<std::size_t> known_word(const std::string& key,
                                          const std::vector<std::string>& known);
    std::string element_name(const std::string& key, std::size_t index) const;
    template <class T>
    std::optional<T> take(const std::string& key, const Node& value, Parsed<T> parsed);
    template <class T>
    std::optional<T> quantity(const std::string& key, const std::string& what,
                              Parsed<T> (*parse)(std::string_view));

    std::string hint_for_unknown(const std::string& key,
                                 const std::vector<std::string>& elsewhere) const;

    struct Missing {
        std::string key;
        std::string what;
        std::string hint;
    };

    const Node* map_;
    std::string path_;
    Diagnostics* faults_;
    std::vector<std::string> known_;
    std::vector<Missing> missing_;
};

/// The top section of a YAML text; nothing (and a fault) if the text holds no mapping.
std::optional<Section> top_section(const std::optional<Node>& root, const std::string& what,
                                   Diagnostics& faults);

/// "a list", "text", for messages.
std::string describe(const Node&);

}  // namespace amorsize::yaml
