#include "mpi/run/kept_results.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "advisor/io/items.hpp"
#include "advisor/io/kept_items.hpp"
#include "mpi/run/append_file.hpp"
#include "mpi/run/output_store.hpp"

namespace amorsize::run {

namespace {

constexpr int kEpoch = 0;

std::vector<KeptItem> wanted(std::vector<KeptItem> kept, const ItemList& list,
                             const RunState& state) {
    std::erase_if(kept, [&](const KeptItem& item) {
        return item.exit_code != 0 || item.index >= list.size() ||
               state.done.contains(item.index) || list[item.index] != item.item;
    });
    return kept;
}

/// Files that no earlier taking over has written.
RankFiles unused_files(const RunFolder& folder) {
    int number = 0;
    while (std::filesystem::exists(folder.files_of(kEpoch, number).journal)) ++number;
    return folder.files_of(kEpoch, number);
}

double time_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<double>(status.st_mtime) : 0;
}

ItemRecord record_of(const KeptItem& item, double end, std::int64_t output_end) {
    ItemRecord record;
    record.item = item.index;
    record.start = end - item.seconds.value;
    record.seconds = static_cast<float>(item.seconds.value);
    record.received = static_cast<std::uint32_t>(item.out.size() + item.err.size());
    record.output_end = output_end;
    return record;
}

}  // namespace

std::string kept_path(const RunFolder& folder) {
    return folder.sibling(".kept");
}

void take_over_kept(const RunFolder& folder, const std::string& kept, const PlannedJob& job,
                    const ItemList& list, RunState& state) {
    if (!job.job.sample.reuse || !std::filesystem::exists(kept)) return;
    const std::vector<KeptItem> items = wanted(read_kept_items(kept), list, state);
    if (items.empty()) return;

    const RankFiles files = unused_files(folder);
    // The journal gets its name last: what an earlier attempt left half done does not count.
    const std::string unfinished = files.journal + ".part";
    ::unlink(files.output.c_str());
    ::unlink(unfinished.c_str());
    OutputWriter output(files.output);
    JournalHeader header{kEpoch, files.rank, 1, {}};
    std::strncpy(header.host, "sampled", sizeof header.host - 1);
    JournalWriter journal(unfinished, header);
    const double end = time_of(kept);
    for (const KeptItem& item : items) {
        output.append({item.index, 1, Stream::out}, item.out);
        output.append({item.index, 1, Stream::err}, item.err);
        journal.append(record_of(item, end, output.end()));
    }
    output.commit();
    journal.commit();
    if (::fdatasync(output.descriptor()) != 0 || ::fdatasync(journal.descriptor()) != 0 ||
        std::rename(unfinished.c_str(), files.journal.c_str()) != 0) {
        throw_storage_error("write", files.journal, errno);
    }
    for (const KeptItem& item : items) {
        state.done.insert(item.index);
        state.failed.erase(item.index);
    }
}

}  // namespace amorsize::run
