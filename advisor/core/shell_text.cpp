#include "advisor/core/shell_text.hpp"

namespace amorsize {

bool ShellScanner::bare() const {
    return frames_.empty() || inside(Frame::parentheses) || inside(Frame::arithmetic) ||
           inside(Frame::backquotes);
}

ShellQuoting ShellScanner::quoting() const {
    if (in_body_) {
        return announced_.front().quoted ? ShellQuoting::quoted_here_document
                                         : ShellQuoting::here_document;
    }
    if (inside(Frame::double_quotes)) return ShellQuoting::double_quotes;
    if (inside(Frame::single_quotes)) return ShellQuoting::single_quotes;
    if (inside(Frame::ansi_quotes)) return ShellQuoting::ansi_quotes;
    return ShellQuoting::none;
}

std::string_view ShellScanner::take() {
    const std::size_t begin = position_;
    position_ += step();
    if (position_ > text_.size()) position_ = text_.size();
    if (text_[position_ - 1] == '\n') start_line();
    return text_.substr(begin, position_ - begin);
}

void ShellScanner::skip(std::size_t length) {
    position_ += length;
    word_started_ = true;
}

/// The length of what stands at the position, after noting what it opens or closes.
std::size_t ShellScanner::step() {
    const char c = text_[position_];
    if (in_body_) return 1;
    if (inside(Frame::comment)) {
        if (c == '\n') frames_.pop_back();
        return 1;
    }
    if (inside(Frame::single_quotes)) {
        if (c == '\'') frames_.pop_back();
        return 1;
    }
    if (c == '\\') {
        word_started_ = true;
        return 2;
    }
    if (inside(Frame::ansi_quotes)) {
        if (c == '\'') frames_.pop_back();
        return 1;
    }
    if (bare()) return step_bare();
    if (c == '"') {
        frames_.pop_back();
        return 1;
    }
    return step_expanding();
}

/// What starts an expansion both bare and inside double quotes.
std::size_t ShellScanner::step_expanding() {
    if (ahead("$((")) {
        frames_.push_back(Frame::arithmetic);
        return 3;
    }
    if (ahead("$(")) {
        frames_.push_back(Frame::parentheses);
        word_started_ = false;
        return 2;
    }
    if (text_[position_] == '`') {
        for (std::size_t depth = frames_.size(); depth-- > 0;) {
            if (frames_[depth] != Frame::backquotes) continue;
            frames_.resize(depth);
            return 1;
        }
        frames_.push_back(Frame::backquotes);
        word_started_ = false;
    }
    return 1;
}

std::size_t ShellScanner::step_bare() {
    const char c = text_[position_];
    const bool at_word_start = !word_started_;
    constexpr std::string_view breaks = " \t\n;&|()<>";
    word_started_ = breaks.find(c) == std::string_view::npos;

    if (inside(Frame::arithmetic)) {
        if (ahead("))")) {
            frames_.pop_back();
            return 2;
        }
        if (c == '(') frames_.push_back(Frame::parentheses);
        return 1;
    }
    if (c == '\'' || c == '"') {
        frames_.push_back(c == '"' ? Frame::double_quotes : Frame::single_quotes);
        return 1;
    }
    if (ahead("$'")) {
        frames_.push_back(Frame::ansi_quotes);
        return 2;
    }
    if (c == '#' && at_word_start) {
        frames_.push_back(Frame::comment);
        return 1;
    }
    if (ahead("((") && at_word_start) {
        frames_.push_back(Frame::arithmetic);
        return 2;
    }
    if (c == '(') {
        frames_.push_back(Frame::parentheses);
        return 1;
    }
    if (c == ')') {
        if (inside(Frame::parentheses)) frames_.pop_back();
        return 1;
    }
    if (ahead("<<<")) return 3;
    if (ahead("<<")) {
        read_here_document_start();
        return 2;
    }
    return step_expanding();
}

/// Notes the delimiter of `<<WORD`; its characters are walked over afterwards like any word.
void ShellScanner::read_here_document_start() {
    HereDocument document;
    std::size_t at = position_ + 2;
    if (at < text_.size() && text_[at] == '-') {
        document.strips_tabs = true;
        ++at;
    }
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    constexpr std::string_view ends = " \t\n;&|()<>";
    for (; at < text_.size() && ends.find(text_[at]) == std::string_view::npos; ++at) {
        if (text_[at] == '\'' || text_[at] == '"' || text_[at] == '\\') {
            document.quoted = true;
        } else {
            document.delimiter += text_[at];
        }
    }
    if (!document.delimiter.empty()) announced_.push_back(document);
}

/// At the start of a line: are we in the body of a here-document, and does this line end it?
void ShellScanner::start_line() {
    if (!in_body_) {
        in_body_ = !announced_.empty() && bare();
        word_started_ = false;
    }
    if (!in_body_) return;
    std::size_t begin = position_;
    while (announced_.front().strips_tabs && begin < text_.size() && text_[begin] == '\t') ++begin;
    const std::size_t end = text_.find('\n', begin);
    const std::string_view line = text_.substr(begin, end == text_.npos ? text_.npos : end - begin);
    if (line != announced_.front().delimiter) return;
    announced_.erase(announced_.begin());
    in_body_ = false;
}

}  // namespace amorsize
