#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace amorsize {

/// How bash reads the characters at one place of a script.
enum class ShellQuoting {
    none,
    double_quotes,        ///< "..."
    single_quotes,        ///< '...'
    ansi_quotes,          ///< $'...'
    here_document,        ///< <<WORD: expands variables, quotes mean nothing
    quoted_here_document  ///< <<'WORD': expands nothing
};

/// Walks over a script for bash and knows, at each place, how it is quoted there. It follows
/// quotes, escapes, comments, $(...), `...`, arithmetic and here-documents; what it cannot follow
/// (a `case` pattern's lone parenthesis inside $(...)) may make it take a place for bare.
class ShellScanner {
public:
    explicit ShellScanner(std::string_view text) : text_(text) {}

    bool done() const { return position_ >= text_.size(); }
    std::size_t position() const { return position_; }
    ShellQuoting quoting() const;

    /// The next character, or two where the first escapes the second.
    std::string_view take();
    /// Passes over `length` characters that mean nothing to the shell.
    void skip(std::size_t length);

private:
    enum class Frame {
        double_quotes,
        single_quotes,
        ansi_quotes,
        parentheses,
        arithmetic,
        backquotes,
        comment
    };
    struct HereDocument {
        std::string delimiter;
        bool quoted = false;
        bool strips_tabs = false;
    };

    bool inside(Frame frame) const { return !frames_.empty() && frames_.back() == frame; }
    bool bare() const;
    bool ahead(std::string_view what) const { return text_.substr(position_, what.size()) == what; }
    std::size_t step();
    std::size_t step_bare();
    std::size_t step_expanding();
    void read_here_document_start();
    void start_line();

    std::string_view text_;
    std::size_t position_ = 0;
    bool word_started_ = false;
    std::vector<Frame> frames_;
    std::vector<HereDocument>
        announced_;  ///< their bodies follow, in this order, after the line's end
    bool in_body_ = false;
};

}  // namespace amorsize
