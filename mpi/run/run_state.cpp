#include "mpi/run/run_state.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/items.hpp"

namespace amorsize::run {

namespace {

namespace fs = std::filesystem;

uLong checksum_more(uLong sum, std::string_view text) {
    return ::crc32_z(sum, reinterpret_cast<const Bytef*>(text.data()), text.size());
}

uLong checksum_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 1 << 16> block;
    uLong sum = 0;
    while (file.read(block.data(), block.size()), file.gcount() > 0) {
        sum = checksum_more(sum, {block.data(), static_cast<std::size_t>(file.gcount())});
    }
    return sum;
}

uLong checksum_of_list(const ItemList& list) {
    uLong sum = 0;
    for (std::int64_t i = 0; i < list.size(); ++i) sum = checksum_more(sum, list[i] + "\n");
    return sum;
}

std::optional<std::string> owner_of(const RunFolder& folder) {
    std::ifstream known(folder.file("items"), std::ios::binary);
    if (!known) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>(known), {}};
}

}  // namespace

std::int64_t output_size(const RankFiles& files) {
    std::error_code missing;
    const auto size = fs::file_size(files.output, missing);
    return missing ? 0 : static_cast<std::int64_t>(size);
}

RunState read_run_state(const RunFolder& folder, std::int64_t items) {
    RunState state{folder.last_epoch(), ItemSet(items), ItemSet(items)};
    for (const RankFiles& files : folder.all_files()) {
        const std::int64_t written = output_size(files);
        for_each_record(files.journal, [&](const JournalHeader&, const ItemRecord& record) {
            if (record.item < 0 || record.item >= items || !has_its_output(record, written)) return;
            if (record.outcome == Outcome::done) {
                state.done.insert(record.item);
                state.failed.erase(record.item);
            } else if (record.outcome == Outcome::withdrawn) {
                state.done.erase(record.item);
                state.failed.insert(record.item);
            } else if (record.outcome == Outcome::failed && !state.done.contains(record.item)) {
                state.failed.insert(record.item);
            }
        });
    }
    return state;
}

std::string items_identity(const Items& items, const std::string& directory, const ItemList& list) {
    if (const auto* range = std::get_if<ItemRange>(&items)) {
        return fmt::format("range {} {}\n", range->begin, range->end);
    }
    if (const auto* count = std::get_if<ItemCount>(&items))
        return fmt::format("count {}\n", count->count);
    if (const auto* file = std::get_if<ItemFile>(&items)) {
        const std::string path = (fs::path(directory) / file->path).string();
        return fmt::format("file {} {:08x}\n", list.size(), checksum_of_file(path));
    }
    return fmt::format("glob {} {:08x}\n", list.size(), checksum_of_list(list));
}

bool belongs_to(const RunFolder& folder, const std::string& identity) {
    return owner_of(folder) == identity;
}

void claim_folder(const RunFolder& folder, const std::string& identity) {
    const auto owner = owner_of(folder);
    if (!owner) return write_file_atomically(folder.file("items"), identity);
    if (*owner == identity) return;
    throw Error(
        ExitCode::bad_input,
        fmt::format("the items have changed since {} was begun (then: {}, now: {})", folder.path(),
                    owner->substr(0, owner->find('\n')), identity.substr(0, identity.find('\n'))),
        "restore the items to resume, or start over with --fresh");
}

}  // namespace amorsize::run
