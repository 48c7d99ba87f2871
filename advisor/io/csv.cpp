#include "advisor/io/csv.hpp"

#include <utility>

namespace amorsize {

namespace {

class CsvParser {
public:
    CsvParser(std::string_view text, Diagnostics& faults) : text_(text), faults_(faults) {}

    std::vector<CsvRow> rows() {
        std::vector<CsvRow> found;
        while (at_ < text_.size()) {
            CsvRow row = take_row();
            const bool blank = row.size() == 1 && row.front().text.empty();
            if (!blank) found.push_back(std::move(row));
        }
        return found;
    }

private:
    Mark mark() const { return {line_, static_cast<int>(at_ - line_begin_) + 1}; }
    bool at_line_end() const {
        return at_ >= text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
    }
    bool at_cell_end() const { return at_line_end() || text_[at_] == ','; }

    void step() {
        if (text_[at_++] == '\n') {
            ++line_;
            line_begin_ = at_;
        }
    }

    CsvRow take_row() {
        CsvRow row{take_cell()};
        while (!at_line_end()) {
            step();  // the comma
            row.push_back(take_cell());
        }
        while (at_ < text_.size() && text_[at_] == '\r') step();
        if (at_ < text_.size()) step();
        return row;
    }

    void skip_spaces() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) step();
    }

    CsvCell take_cell() {
        skip_spaces();
        CsvCell cell{"", mark()};
        if (at_ < text_.size() && text_[at_] == '"') {
            cell.text = take_quoted(cell.mark);
            skip_spaces();
            if (!at_cell_end()) {
                faults_.add(mark(), "", "text after a closing quote",
                            "double a quote that belongs to the text: \"\"");
                while (!at_cell_end()) step();
            }
            return cell;
        }
        const std::size_t begin = at_;
        while (!at_cell_end()) step();
        cell.text = std::string(text_.substr(begin, at_ - begin));
        cell.text.erase(cell.text.find_last_not_of(" \t") + 1);
        return cell;
    }

    std::string take_quoted(Mark opened) {
        step();
        std::string cell;
        while (at_ < text_.size()) {
            if (text_[at_] != '"') {
                cell += text_[at_];
                step();
            } else if (text_.substr(at_, 2) == "\"\"") {
                cell += '"';
                step();
                step();
            } else {
                step();
                return cell;
            }
        }
        faults_.add(opened, "", "a quote that is never closed", "close it with \"");
        return cell;
    }

    std::string_view text_;
    Diagnostics& faults_;
    std::size_t at_ = 0;
    std::size_t line_begin_ = 0;
    int line_ = 1;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, Diagnostics& faults) {
    return CsvParser(text, faults).rows();
}

}  // namespace amorsize
