#include "mpi/run/output_print.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <vector>

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

std::unordered_map<std::int64_t, Chosen> choose(const std::vector<RankFiles>& files) {
    std::unordered_map<std::int64_t, Chosen> chosen;
    for (std::uint32_t i = 0; i < files.size(); ++i) {
        const std::int64_t written = output_size(files[i]);
        for_each_record(files[i].journal, [&](const JournalHeader&, const ItemRecord& record) {
            const bool settled =
                record.outcome == Outcome::done || record.outcome == Outcome::failed;
            if (!settled || !has_its_output(record, written)) return;
            Chosen& best = chosen[record.item];
            if (!best.done) best = {i, record.attempt, record.outcome == Outcome::done};
        });
    }
    return chosen;
}

std::vector<Located> locate(const std::vector<RankFiles>& files, Stream stream) {
    const auto chosen = choose(files);
    std::vector<Located> pieces;
    for (std::uint32_t i = 0; i < files.size(); ++i) {
        OutputReader reader(files[i].output);
        while (const auto piece = reader.next()) {
            const auto found = chosen.find(piece->key.item);
            if (piece->key.stream != stream || found == chosen.end()) continue;
            if (found->second.file != i || found->second.attempt != piece->key.attempt) continue;
            pieces.push_back({piece->key.item, i, static_cast<std::uint32_t>(piece->text.size()),
                              piece->offset});
        }
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Located& a, const Located& b) { return a.item < b.item; });
    return pieces;
}

}  // namespace

void print_output(const RunFolder& folder, Stream stream,
                  const std::function<void(std::string_view)>& print) {
    const std::vector<RankFiles> files = folder.all_files();
    std::vector<Descriptor> open_files(files.size());
    std::string text;
    for (const Located& piece : locate(files, stream)) {
        Descriptor& file = open_files[piece.file];
        const std::string& path = files[piece.file].output;
        if (!file.open()) file = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        text.resize(piece.length);
        const ssize_t got = ::pread(file.get(), text.data(), text.size(), piece.offset);
        if (got != static_cast<ssize_t>(text.size()))
            throw_storage_error("read", path, got < 0 ? errno : EIO);
        print(text);
    }
}

}  // namespace amorsize::run
