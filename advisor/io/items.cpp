#include "advisor/io/items.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "advisor/core/error.hpp"
#include "advisor/io/descriptor.hpp"

namespace amorsize {

class ItemList::Source {
public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;
    virtual std::int64_t size() const = 0;
    virtual std::string at(std::int64_t index) const = 0;
    virtual std::vector<std::string> slice(std::int64_t first, std::int64_t count) const {
        std::vector<std::string> items;
        for (std::int64_t i = first; i < first + count; ++i) items.push_back(at(i));
        return items;
    }
};

namespace {

constexpr std::size_t kLongestItem = 128 * 1024 - 1;  // Linux: MAX_ARG_STRLEN, less the final NUL

[[noreturn]] void refuse(const std::string& message, std::string hint) {
    throw Error(ExitCode::bad_input, message, std::move(hint));
}

std::string resolved(const std::string& path, const std::string& directory) {
    return (std::filesystem::path(directory) / path).string();
}

/// Where a path that leads nowhere was looked for.
std::string start_of_path(std::string_view path, const char* key) {
    const bool for_a_shell = path.starts_with('~') || path.find('$') != std::string_view::npos;
    return for_a_shell ? fmt::format("{} is taken as it stands: ~ and $NAME are not expanded", key)
                       : fmt::format("a relative {} starts at the manifest's folder", key);
}

class Numbers : public ItemList::Source {
public:
    Numbers(std::int64_t begin, std::int64_t end) : begin_(begin), end_(end) {
        if (end <= begin)
            refuse("the job has no items: its range is empty", "write items: {range: [0, N]}");
    }
    std::int64_t size() const override { return end_ - begin_; }
    std::string at(std::int64_t index) const override { return std::to_string(begin_ + index); }

private:
    std::int64_t begin_;
    std::int64_t end_;
};

class Paths : public ItemList::Source {
public:
    explicit Paths(std::vector<std::string> paths) : paths_(std::move(paths)) {}
    std::int64_t size() const override { return static_cast<std::int64_t>(paths_.size()); }
    std::string at(std::int64_t index) const override {
        return paths_.at(static_cast<std::size_t>(index));
    }

private:
    std::vector<std::string> paths_;
};

/// Walks the lines of a file from an offset on, holding one block of it. pread, unlike a mapping,
/// survives a file that is cut short meanwhile.
class LineCursor {
public:
    LineCursor(int fd, std::int64_t offset, std::size_t block)
        : fd_(fd), offset_(offset), block_(block) {}

    /// Moves to the next line; false at the end of the file. A line that is too long for an item is
    /// cut.
    bool next() {
        begin_ = end_ + (end_ < buffer_.size() ? 1 : 0);
        end_ = buffer_.find('\n', begin_);
        while (end_ == std::string::npos && buffer_.size() - begin_ <= kLongestItem && fill()) {
            end_ = buffer_.find('\n', begin_);
        }
        if (end_ == std::string::npos) end_ = buffer_.size();
        return begin_ < buffer_.size();
    }
    std::string_view line() const {
        return std::string_view(buffer_).substr(begin_, end_ - begin_);
    }
    /// Where the line begins in the file.
    std::int64_t position() const { return offset_ + static_cast<std::int64_t>(begin_); }

private:
    /// Drops what lies before the line and appends a block; false at the end of the file.
    bool fill() {
        buffer_.erase(0, begin_);
        offset_ += static_cast<std::int64_t>(begin_);
        begin_ = 0;
        const std::size_t held = buffer_.size();
        buffer_.resize(held + block_);
        ssize_t got = -1;
        do {
            got = ::pread(fd_, buffer_.data() + held, block_,
                          offset_ + static_cast<std::int64_t>(held));
        } while (got < 0 && errno == EINTR);
        buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0)
            throw Error(ExitCode::environment,
                        fmt::format("cannot read the item file: {}", std::strerror(errno)));
        return got > 0;
    }

    int fd_;
    std::int64_t offset_;  // of the buffer's front in the file
    std::size_t block_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

class Lines : public ItemList::Source {
public:
    Lines(const std::string& written, const std::string& directory)
        : path_(resolved(written, directory)),
          file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
        if (file_.get() < 0)
            refuse_file(std::strerror(errno), start_of_path(written, "items.file"));
        if (::fstat(file_.get(), &status_) != 0) refuse_file(std::strerror(errno), "");
        if (!S_ISREG(status_.st_mode))
            refuse_file("it is not a regular file", "name a file with one item a line");
        index_lines();
        if (size_ == 0) refuse_file("it holds no items", "write one item a line");
    }

    std::int64_t size() const override { return size_; }

    std::string at(std::int64_t index) const override { return slice(index, 1).front(); }

    std::vector<std::string> slice(std::int64_t first, std::int64_t count) const override {
        std::vector<std::string> items;
        if (count <= 0) return items;
        check_unchanged();
        LineCursor cursor(file_.get(), starts_.at(static_cast<std::size_t>(first / kStride)),
                          count > kStride ? kIndexBlock : kSearchBlock);
        std::int64_t before = first % kStride;
        while (cursor.next()) {
            if (cursor.line().empty() || before-- > 0) continue;
            items.emplace_back(cursor.line());
            if (std::ssize(items) == count) return items;
        }
        refuse_change();
    }

private:
    static constexpr std::int64_t kStride = 64;
    static constexpr std::size_t kIndexBlock = std::size_t{1} << 18;
    static constexpr std::size_t kSearchBlock = std::size_t{1} << 13;

    void index_lines() {
        LineCursor cursor(file_.get(), 0, kIndexBlock);
        for (std::int64_t number = 1; cursor.next(); ++number) {
            const std::string_view line = cursor.line();
            if (line.empty()) continue;
            if (line.size() > kLongestItem) {
                refuse_file(fmt::format("line {} is longer than {} bytes", number, kLongestItem),
                            "an item is one argument of a program: put long ones into files and "
                            "list their names");
            }
            if (line.find('\0') != std::string_view::npos) {
                refuse_file(fmt::format("line {} holds a NUL byte", number),
                            "write one item a line, as text");
            }
            if (size_++ % kStride == 0) starts_.push_back(cursor.position());
        }
    }

    void check_unchanged() const {
        struct stat now {};
        const bool same = ::fstat(file_.get(), &now) == 0 && now.st_size == status_.st_size &&
                          now.st_mtim.tv_sec == status_.st_mtim.tv_sec &&
                          now.st_mtim.tv_nsec == status_.st_mtim.tv_nsec;
        if (!same) refuse_change();
    }

    [[noreturn]] void refuse_change() const {
        throw Error(ExitCode::environment,
                    fmt::format("the item file {} changed while it was in use", path_),
                    "leave it alone while the job runs, or start over");
    }

    [[noreturn]] void refuse_file(const std::string& why, const std::string& hint) const {
        refuse(fmt::format("cannot take items from the file {}: {}", path_, why), hint);
    }

    std::string path_;
    Descriptor file_;
    struct stat status_ {};
    std::int64_t size_ = 0;
    std::vector<std::int64_t> starts_;  // of every kStride-th item
};

/// The folder with glob's special characters made plain.
std::string escaped(const std::string& folder) {
    std::string result;
    for (char c : folder) {
        if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

std::vector<std::string> matches(const std::string& pattern, const std::string& directory) {
    const bool relative = pattern.empty() || pattern.front() != '/';
    const std::string prefix = relative ? directory + "/" : "";
    glob_t found{};
    const int status = ::glob((escaped(prefix) + pattern).c_str(), GLOB_NOSORT, nullptr, &found);
    const std::unique_ptr<glob_t, decltype(&::globfree)> owner(&found, &::globfree);
    if (status == GLOB_NOMATCH) {
        refuse(fmt::format("no file matches {} in {}", pattern, directory),
               start_of_path(pattern, "items.glob"));
    }
    if (status != 0) refuse(fmt::format("cannot list the files that match {}", pattern), "");
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < found.gl_pathc; ++i)
        paths.emplace_back(found.gl_pathv[i] + prefix.size());
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::unique_ptr<const ItemList::Source> source_of(const Items& items,
                                                  const std::string& directory) {
    if (const auto* range = std::get_if<ItemRange>(&items))
        return std::make_unique<Numbers>(range->begin, range->end);
    if (const auto* count = std::get_if<ItemCount>(&items))
        return std::make_unique<Numbers>(0, count->count);
    if (const auto* file = std::get_if<ItemFile>(&items))
        return std::make_unique<Lines>(file->path, directory);
    return std::make_unique<Paths>(matches(std::get<ItemGlob>(items).pattern, directory));
}

}  // namespace

ItemList::ItemList(const Items& items, const std::string& directory)
    : source_(source_of(items, directory)) {}
ItemList::ItemList(ItemList&&) noexcept = default;
ItemList& ItemList::operator=(ItemList&&) noexcept = default;
ItemList::~ItemList() = default;

std::int64_t ItemList::size() const {
    return source_->size();
}

std::vector<std::string> ItemList::slice(std::int64_t first, std::int64_t count) const {
    return source_->slice(first, std::min(count, size() - first));
}

std::string ItemList::operator[](std::int64_t index) const {
    return source_->at(index);
}

}  // namespace amorsize
