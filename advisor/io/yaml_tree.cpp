#include "advisor/io/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>

#include "advisor/io/read_file.hpp"
#include "advisor/io/yaml_syntax_fault.hpp"

namespace amorsize::yaml {

namespace {

/// Stops the parser early; the fault has been noted.
struct Stop {};

std::size_t count_nodes(const Node& node) {
    std::size_t count = 1 + node.keys.size();
    for (const Node& item : node.items) count += count_nodes(item);
    return count;
}

int depth_of(const Node& node) {
    int deepest = 0;
    for (const Node& item : node.items) deepest = std::max(deepest, depth_of(item));
    return deepest + (node.kind == Kind::list || node.kind == Kind::map ? 1 : 0);
}

std::size_t text_bytes(const Node& node) {
    std::size_t bytes = node.text.size();
    for (const Node& key : node.keys) bytes += key.text.size();
    for (const Node& item : node.items) bytes += text_bytes(item);
    return bytes;
}

/// Builds the tree from the parser's events, which show what a finished tree of the library hides:
/// aliases, duplicate keys, tags and quotes.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(std::string_view text, Diagnostics& faults, const TreeLimits& limits)
        : text_(text), faults_(faults), limits_(limits) {}

    std::optional<Node> take() { return std::move(root_); }

    /// Where the innermost list or mapping that is still open begins.
    std::optional<Mark> innermost_open() const {
        return open_.empty() ? std::nullopt : std::optional(open_.back().node.mark);
    }
    int documents() const { return documents_; }

    /// Marks of the library count from 0.
    static Mark mark_of(const YAML::Mark& mark) {
        if (mark.is_null()) return {1, 1};
        return {mark.line + 1, mark.column + 1};
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) {
            faults_.add(mark_of(mark), "", "a second YAML document starts here",
                        "keep one document in the file: remove the line of --- before it");
            throw Stop{};
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.mark = mark_of(mark);
        place(std::move(node), anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        Node node;
        node.kind = Kind::scalar;
        node.mark = mark_of(mark);
        node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
        node.text = value;
        if (!node.quoted && tag != "?") refuse_tag(node.mark, tag);
        if (node.quoted) check_closing_quote(node.mark);
        if (value.find('\0') != std::string::npos) {
            faults_.add(node.mark, "", "a NUL character, which no program or file can be told",
                        "leave the escape out");
        } else if (!is_utf8(value)) {  // the file is: yaml-cpp takes these two for single bytes
            faults_.add(node.mark, "", "the escape \\N or \\_, which is read as no character",
                        "write \\u0085 or \\u00a0 in its place");
        }
        place(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            faults_.add(mark_of(mark), "", "an alias inside the value it stands for",
                        "write the value out in place of the alias");
            throw Stop{};
        }
        const Node& original = found->second;
        aliased_bytes_ += text_bytes(original);
        const bool deep = static_cast<int>(open_.size()) + depth_of(original) > limits_.depth;
        if (deep || aliased_bytes_ > limits_.bytes ||
            nodes_ + count_nodes(original) > limits_.nodes) {
            faults_.add(mark_of(mark), "", "aliases multiply the file beyond what can be meant",
                        "write the values out in place of the aliases");
            throw Stop{};
        }
        Node copy = original;
        copy.mark = mark_of(mark);
        nodes_ += count_nodes(original) - 1;
        place(std::move(copy), 0);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Kind::list);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Kind::map);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        std::map<std::string, Mark> seen;  // keys of a map
        std::optional<Node> key;           // waits for its value
        bool skip_value = false;           // its key was refused
    };

    void refuse_tag(Mark mark, const std::string& tag) {
        faults_.add(mark, "", fmt::format("the YAML tag {} is not supported", in_quotes(tag)),
                    "remove the tag");
    }

    /// The library takes a quote that the end of the file closes.
    void check_closing_quote(Mark mark) {
        const std::string_view line = faults_.line(mark.line);
        const std::size_t column = static_cast<std::size_t>(mark.column - 1);
        if (column >= line.size()) return;
        const char quote = line[column];
        if (quote != '"' && quote != '\'') return;  // a block, or a tag before the quote
        const auto begin = static_cast<std::size_t>(line.data() - text_.data()) + column + 1;
        for (std::size_t i = begin; i < text_.size(); ++i) {
            const bool escaped = quote == '"' ? text_[i] == '\\' : text_.substr(i, 2) == "''";
            if (!escaped && text_[i] == quote) return;
            if (escaped) ++i;
        }
        faults_.add(mark, "", "not valid YAML: a quote that is never closed", "close it");
        throw Stop{};
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
        if (static_cast<int>(open_.size()) >= limits_.depth) {
            faults_.add(mark_of(mark), "",
                        fmt::format("values are nested more than {} deep", limits_.depth),
                        "no key needs such nesting: check the brackets");
            throw Stop{};
        }
        Open level;
        level.node.kind = kind;
        level.node.mark = mark_of(mark);
        level.anchor = anchor;
        const bool plain = tag == "?" || tag == "!" || tag.empty() ||
                           tag == "tag:yaml.org,2002:map" || tag == "tag:yaml.org,2002:seq";
        if (!plain) refuse_tag(level.node.mark, tag);
        open_.push_back(std::move(level));
    }

    void close() {
        Open level = std::move(open_.back());
        open_.pop_back();
        place(std::move(level.node), level.anchor);
    }

    void place(Node node, YAML::anchor_t anchor) {
        if (++nodes_ > limits_.nodes) {
            faults_.add(node.mark, "",
                        fmt::format("the file holds more than {} values", limits_.nodes),
                        "put long lists into a file of their own");
            throw Stop{};
        }
        if (anchor != 0) anchors_[anchor] = node;
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& level = open_.back();
        if (level.node.kind == Kind::list) {
            level.node.items.push_back(std::move(node));
        } else if (!level.key && !level.skip_value) {
            place_key(level, std::move(node));
        } else {
            if (!level.skip_value) {
                // An absent value stands where the next token does.
                if (node.kind == Kind::null) node.mark = level.key->mark;
                level.node.keys.push_back(std::move(*level.key));
                level.node.items.push_back(std::move(node));
            }
            level.key.reset();
            level.skip_value = false;
        }
    }

    /// "limits." inside the mapping under `limits`.
    std::string path_of_open_keys() const {
        std::string path;
        for (const Open& level : open_) {
            if (level.key) path += level.key->text + ".";
        }
        return path;
    }

    void place_key(Open& level, Node node) {
        if (node.kind != Kind::scalar) {
            const bool placeholder = node.kind == Kind::map;
            faults_.add(node.mark, "", "a key must be a word",
                        placeholder ? "put text that holds { } into quotes" : "write KEY: VALUE");
            level.skip_value = true;
            return;
        }
        const auto [first, inserted] = level.seen.emplace(node.text, node.mark);
        if (!inserted) {
            faults_.add(node.mark, path_of_open_keys() + node.text,
                        fmt::format("is given twice, first in line {}", first->second.line),
                        "keep one of the two");
            level.skip_value = true;
            return;
        }
        level.key = std::move(node);
    }

    std::string_view text_;
    Diagnostics& faults_;
    TreeLimits limits_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Node> anchors_;
    std::optional<Node> root_;
    std::size_t nodes_ = 0;
    std::size_t aliased_bytes_ = 0;
    int documents_ = 0;
};

Mark mark_at(std::string_view text, std::size_t byte) {
    Mark mark;
    for (char c : text.substr(0, byte)) {
        mark = c == '\n' ? Mark{mark.line + 1, 1} : Mark{mark.line, mark.column + 1};
    }
    return mark;
}

bool has_readable_bytes(std::string_view text, Diagnostics& faults, const TreeLimits& limits) {
    if (text.size() > limits.bytes) {
        faults.add({1, 1}, "", fmt::format("the file is larger than {} MiB", limits.bytes >> 20),
                   "put long lists into a file of their own");
        return false;
    }
    const std::size_t bad = first_bad_byte(text);
    if (bad == std::string_view::npos) return true;
    const bool nul = text[bad] == '\0';
    faults.add(mark_at(text, bad), "", nul ? "a NUL byte" : "a byte that is not UTF-8",
               nul ? "this does not look like a text file" : "save the file as UTF-8");
    return false;
}

}  // namespace

std::optional<Node> parse(std::string_view text, Diagnostics& faults, const TreeLimits& limits) {
    if (!has_readable_bytes(text, faults, limits)) return std::nullopt;
    TreeBuilder builder(text, faults, limits);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::Exception& error) {
        add_syntax_fault(error.msg, TreeBuilder::mark_of(error.mark), builder.innermost_open(),
                         faults);
        return std::nullopt;
    } catch (const Stop&) {
        return std::nullopt;
    }
    return builder.take();
}

}  // namespace amorsize::yaml
