#include "mpi/run/output_store.hpp"

#include <cstring>
#include <utility>

namespace amorsize::run {

namespace {

constexpr std::uint32_t kOutputMark = 0x4f5a4d41;  // "AMZO"
constexpr std::size_t kLargestPiece = 1 << 20;
constexpr std::size_t kLargestPending = 1 << 18;

}  // namespace

void OutputWriter::append(const OutputKey& key, std::string_view text) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, kLargestPiece);
        text.remove_prefix(part.size());
        piece_.assign(sizeof key, '\0');
        std::memcpy(piece_.data(), &key.item, sizeof key.item);
        std::memcpy(piece_.data() + 8, &key.attempt, sizeof key.attempt);
        piece_[10] = static_cast<char>(key.stream);
        piece_.append(part);
        append_frame(pending_, kOutputMark, piece_);
        if (pending_.size() >= kLargestPending) commit();
    }
}

void OutputWriter::commit() {
    if (pending_.empty()) return;
    // On a full disk the text is lost with the attempt it belongs to, which then is not journalled
    // either.
    const std::string bytes = std::exchange(pending_, {});
    file_.write(bytes);
}

OutputReader::OutputReader(const std::string& path) : frames_(path, kOutputMark) {}

std::optional<OutputPiece> OutputReader::next() {
    const auto payload = frames_.next();
    if (!payload || payload->size() < sizeof(OutputKey)) return std::nullopt;
    OutputPiece piece;
    std::memcpy(&piece.key.item, payload->data(), sizeof piece.key.item);
    std::memcpy(&piece.key.attempt, payload->data() + 8, sizeof piece.key.attempt);
    piece.key.stream = static_cast<Stream>((*payload)[10]);
    piece.text = payload->substr(sizeof(OutputKey));
    piece.offset = frames_.payload_offset() + static_cast<std::int64_t>(sizeof(OutputKey));
    read_to_ = piece.offset + static_cast<std::int64_t>(piece.text.size());
    return piece;
}

}  // namespace amorsize::run
