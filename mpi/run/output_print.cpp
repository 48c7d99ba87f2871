#include "mpi/run/output_print.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <vector>

#include "advisor/core/error.hpp"
#include "mpi/run/append_file.hpp"
#include "mpi/run/journal.hpp"
#include "mpi/run/run_state.hpp"

namespace amorsize::run {

namespace {

/// The attempt whose output stands for an item.
struct Chosen {
    std::uint32_t file = 0;
    std::uint16_t attempt = 0;
    bool done = false;
};

struct Located {
    std::int64_t item = 0;
    std::uint32_t file = 0;
    std::uint32_t length = 0;
    std::int64_t offset = 0;
};

struct Choice {
    std::unordered_map<std::int64_t, Chosen> by_item;
    std::vector<std::int64_t> ends;  ///< by file: how far the output of settled items reaches
};

Choice choose(const std::vector<RankFiles>& files) {
    Choice choice{{}, std::vector<std::int64_t>(files.size())};
    for (std::uint32_t i = 0; i < files.size(); ++i) {
        const std::int64_t written = output_size(files[i]);
        for_each_record(files[i].journal, [&](const JournalHeader&, const ItemRecord& record) {
            const bool settled = record.outcome == Outcome::done ||
                                 record.outcome == Outcome::failed ||
                                 record.outcome == Outcome::withdrawn;
            if (!settled || !has_its_output(record, written)) return;
            choice.ends[i] = std::max(choice.ends[i], record.output_end);
            Chosen& best = choice.by_item[record.item];
            if (!best.done || record.outcome == Outcome::withdrawn)
                best = {i, record.attempt, record.outcome == Outcome::done};
        });
    }
    return choice;
}

struct Whereabouts {
    std::vector<Located> pieces;       ///< in the order of the items
    std::vector<std::string> damaged;  ///< files that cannot be read as far as they were written
};

Whereabouts locate(const std::vector<RankFiles>& files, Stream stream) {
    const Choice choice = choose(files);
    const auto& chosen = choice.by_item;
    Whereabouts where;
    std::vector<Located>& pieces = where.pieces;
    for (std::uint32_t i = 0; i < files.size(); ++i) {
        OutputReader reader(files[i].output);
        while (const auto piece = reader.next()) {
            const auto found = chosen.find(piece->key.item);
            if (piece->key.stream != stream || found == chosen.end()) continue;
            if (found->second.file != i || found->second.attempt != piece->key.attempt) continue;
            pieces.push_back({piece->key.item, i, static_cast<std::uint32_t>(piece->text.size()),
                              piece->offset});
        }
        if (reader.read_to() < choice.ends[i]) where.damaged.push_back(files[i].output);
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Located& a, const Located& b) { return a.item < b.item; });
    return where;
}

}  // namespace

void print_output(const RunFolder& folder, Stream stream,
                  const std::function<void(std::string_view)>& print) {
    const std::vector<RankFiles> files = folder.all_files();
    std::vector<Descriptor> open_files(files.size());
    std::string text;
    const Whereabouts where = locate(files, stream);
    for (const Located& piece : where.pieces) {
        Descriptor& file = open_files[piece.file];
        const std::string& path = files[piece.file].output;
        if (!file.open()) file = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        text.resize(piece.length);
        const ssize_t got = ::pread(file.get(), text.data(), text.size(), piece.offset);
        if (got != static_cast<ssize_t>(text.size()))
            throw_storage_error("read", path, got < 0 ? errno : EIO);
        print(text);
    }
    if (where.damaged.empty()) return;
    throw Error(ExitCode::environment,
                fmt::format("{} is damaged: what it held behind that place is lost",
                            fmt::join(where.damaged, ", ")),
                "--fresh runs all items again");
}

}  // namespace amorsize::run
