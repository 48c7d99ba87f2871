#include "advisor/io/kept_items.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "advisor/core/error.hpp"
#include "advisor/io/read_file.hpp"

namespace amorsize {

namespace {

constexpr std::string_view kHeader = "amorsize-kept 1\n";
constexpr std::string_view kEnd = "end\n";
constexpr std::size_t kLargest = std::size_t{4} << 30;

class KeptReader {
public:
    KeptReader(const std::string& path, std::string_view text) : path_(path), text_(text) {}

    std::vector<KeptItem> read() {
        if (text_.substr(0, kHeader.size()) != kHeader) broken("does not start as kept items do");
        at_ = kHeader.size();
        std::vector<KeptItem> items;
        while (text_.substr(at_) != kEnd) items.push_back(read_item());
        return items;
    }

private:
    [[noreturn]] void broken(const std::string& what) const {
        throw Error(ExitCode::bad_input, fmt::format("{}: byte {}: {}", path_, at_, what),
                    "delete the file: the run then executes those items itself");
    }

    template <class Number>
    Number number(char after) {
        Number value{};
        const char* const begin = text_.data() + at_;
        const char* const end = text_.data() + text_.size();
        const auto parsed = std::from_chars(begin, end, value);
        if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != after ||
            value < Number{}) {
            broken("expected a number");
        }
        at_ += static_cast<std::size_t>(parsed.ptr - begin) + 1;
        return value;
    }

    std::string bytes(std::size_t length) {
        if (length > text_.size() - at_) broken("the file is cut short");
        std::string result(text_.substr(at_, length));
        at_ += length;
        return result;
    }

    KeptItem read_item() {
        KeptItem item;
        item.index = number<std::int64_t>(' ');
        item.exit_code = number<int>(' ');
        item.seconds = Seconds{number<double>(' ')};
        const auto item_length = number<std::size_t>(' ');
        const auto out_length = number<std::size_t>(' ');
        const auto err_length = number<std::size_t>('\n');
        item.item = bytes(item_length);
        item.out = bytes(out_length);
        item.err = bytes(err_length);
        if (bytes(1) != "\n") broken("expected the end of an item");
        return item;
    }

    const std::string& path_;
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::string write_kept_items(const std::vector<KeptItem>& items) {
    std::string text(kHeader);
    for (const KeptItem& item : items) {
        text += fmt::format("{} {} {} {} {} {}\n", item.index, item.exit_code, item.seconds.value,
                            item.item.size(), item.out.size(), item.err.size());
        text += item.item;
        text += item.out;
        text += item.err;
        text += '\n';
    }
    text += kEnd;
    return text;
}

std::vector<KeptItem> read_kept_items(const std::string& path) {
    const std::string text = read_text_file(path, "kept sample output", kLargest);
    return KeptReader(path, text).read();
}

}  // namespace amorsize
