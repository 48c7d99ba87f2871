#include "mpi/run/journal.hpp"

#include <cstring>
#include <utility>

#include "mpi/run/frame.hpp"

namespace amorsize::run {

namespace {

constexpr std::uint32_t kJournalMark = 0x4a5a4d41;  // "AMZJ"

template <class T>
std::string_view bytes_of(const T& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

JournalWriter::JournalWriter(const std::string& path, const JournalHeader& header) : file_(path) {
    append_frame(frame_, kJournalMark, bytes_of(header));
    file_.write(frame_);
}

bool JournalWriter::commit() {
    if (pending_.empty()) return false;
    frame_.clear();
    append_frame(
        frame_, kJournalMark,
        {reinterpret_cast<const char*>(pending_.data()), pending_.size() * sizeof(ItemRecord)});
    pending_.clear();
    file_.write(frame_);
    return true;
}

void for_each_entry(const std::string& path,
                    const std::function<void(const JournalHeader&, const ItemRecord&)>& use) {
    FrameReader frames(path, kJournalMark);
    JournalHeader header;
    const auto first = frames.next();
    if (!first || first->size() != sizeof header) return;
    std::memcpy(&header, first->data(), sizeof header);
    while (const auto payload = frames.next()) {
        for (std::size_t at = 0; at + sizeof(ItemRecord) <= payload->size();
             at += sizeof(ItemRecord)) {
            ItemRecord entry;
            std::memcpy(&entry, payload->data() + at, sizeof entry);
            use(header, entry);
        }
    }
}

void for_each_record(const std::string& path,
                     const std::function<void(const JournalHeader&, const ItemRecord&)>& use) {
    for_each_entry(path, [&](const JournalHeader& header, ItemRecord record) {
        for (std::uint32_t left = std::exchange(record.followers, 0);; --left) {
            use(header, record);
            if (left == 0) return;
            ++record.item;
            record.start += static_cast<double>(record.seconds);
            record.received = 0;
        }
    });
}

}  // namespace amorsize::run
