#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace amorsize {

/// A place in a text, counted from 1; the column in bytes, as parsers see it.
struct Mark {
    int line = 1;
    int column = 1;
};

/// One fault of a file that was read.
struct Diagnostic {
    std::string file;
    int line = 1;
    int column = 1;           ///< in characters, as editors count: a tab is one
    std::string key;          ///< dotted: "sample.size"; empty when the fault belongs to no key
    std::string message;      ///< what is wrong: "is 010, which some readers take for octal"
    std::string hint;         ///< what to do about it; may be empty
    std::string source_line;  ///< left out where it is longer than 4 KiB
};

/// The fault as people read it, without a final newline:
///
///     job.yaml:3:7: error: sample.size: is -5, but must be at least 1
///       sample: {size: -5}
///                      ^
///       hint: ...
///
/// A long line is cut around the column; control characters are shown as '?'.
std::string render(const Diagnostic&);

/// `text` in double quotes on one line: control characters escaped, a long text cut.
std::string in_quotes(std::string_view text);

/// Whether the text holds a line break or another control character; tabs are none here.
bool holds_control_character(std::string_view text);

/// Collects every fault of one text, then stops the reading once.
class Diagnostics {
public:
    /// `text` is what is being read; it must outlive this object.
    Diagnostics(std::string file, std::string_view text);

    void add(Mark at, std::string key, std::string message, std::string hint);
    bool empty() const { return faults_.empty(); }
    std::size_t size() const { return faults_.size() + uncollected_; }
    /// The faults in the order of the text, the first 1000 that were added.
    std::vector<Diagnostic> sorted() const;
    /// All of them rendered, a blank line between two; past 50 only their number.
    std::string rendered() const;
    /// Throws Error (bad_input) holding rendered() if anything was added.
    void throw_if_any() const;

    /// The text of a line, without its end.
    std::string_view line(int number) const;

private:
    std::string file_;
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
    std::vector<Diagnostic> faults_;
    std::size_t uncollected_ = 0;
};

}  // namespace amorsize
