#include <chrono>
#include <utility>

#include "mpi/board.hpp"

namespace amorsize::mpi {

namespace {

/// What a rank sends to rank 0; the answer is the counter's value before the addition.
struct Request {
    std::int64_t amount = 0;
    std::int64_t done = 0;
    std::int64_t failed = 0;
};
constexpr int kRequestWords = 3;
constexpr int kRequestTag = 1;
constexpr int kAnswerTag = 2;
constexpr auto kTallyInterval = std::chrono::seconds(1);

/// Rank 0: holds the numbers and answers.
class MessageServer : public Board {
public:
    explicit MessageServer(const Communicator& ranks) : ranks_(ranks.duplicate()) { listen(); }
    MessageServer(const MessageServer&) = delete;
    MessageServer& operator=(const MessageServer&) = delete;
    ~MessageServer() override {
        MPI_Cancel(&incoming_);
        MPI_Request_free(&incoming_);
    }

    void request(std::int64_t amount) override {
        own_ = std::exchange(counter_, counter_ + amount);
    }
    std::optional<std::int64_t> poll() override { return std::exchange(own_, std::nullopt); }
    void add_to_tally(const run::Tally& more) override {
        tally_.done += more.done;
        tally_.failed += more.failed;
    }
    run::Tally tally() override { return tally_; }

    void progress() override {
        for (;;) {
            int arrived = 0;
            MPI_Status status;
            check(MPI_Test(&incoming_, &arrived, &status), "serve chunks");
            if (arrived == 0) return;
            const std::int64_t value = std::exchange(counter_, counter_ + message_.amount);
            add_to_tally({message_.done, message_.failed});
            // The rank has posted its receive before it asked, so this does not wait.
            check(MPI_Send(&value, 1, MPI_INT64_T, status.MPI_SOURCE, kAnswerTag, ranks_.get()),
                  "serve chunks");
            listen();
        }
    }

    bool settled() override { return true; }
    bool needs_service() const override { return true; }

private:
    void listen() {
        check(MPI_Irecv(&message_, kRequestWords, MPI_INT64_T, MPI_ANY_SOURCE, kRequestTag,
                        ranks_.get(), &incoming_),
              "serve chunks");
    }

    Communicator ranks_;
    MPI_Request incoming_ = MPI_REQUEST_NULL;
    Request message_;
    std::int64_t counter_ = 0;
    std::optional<std::int64_t> own_;
    run::Tally tally_;
};

/// Any other rank. One message is under way at a time; sums travel with draws, or by themselves
/// once a second.
class MessageClient : public Board {
public:
    explicit MessageClient(const Communicator& ranks) : ranks_(ranks.duplicate()) {}
    MessageClient(const MessageClient&) = delete;
    MessageClient& operator=(const MessageClient&) = delete;
    ~MessageClient() override {
        // Where an error ended this rank, rank 0 may be gone too.
        if (under_way_) {
            MPI_Cancel(&answer_);
            MPI_Request_free(&answer_);
        }
    }

    void request(std::int64_t amount) override {
        wanted_ = amount;
        send_next();
    }

    std::optional<std::int64_t> poll() override {
        progress();
        return std::exchange(drawn_, std::nullopt);
    }

    void add_to_tally(const run::Tally& more) override {
        unsent_.done += more.done;
        unsent_.failed += more.failed;
    }
    run::Tally tally() override { return {}; }

    void progress() override {
        take_answer();
        const auto now = std::chrono::steady_clock::now();
        if (wanted_ > 0 || (something_to_tell() && now - last_sent_ > kTallyInterval)) send_next();
    }

    bool settled() override {
        take_answer();
        if (!settled_ && something_to_tell()) send_next();
        settled_ = settled_ || !under_way_;
        return settled_;
    }

    bool needs_service() const override { return false; }

private:
    void take_answer() {
        if (!under_way_) return;
        int arrived = 0;
        check(MPI_Test(&answer_, &arrived, MPI_STATUS_IGNORE), "draw a chunk");
        if (arrived == 0) return;
        under_way_ = false;
        if (message_.amount > 0) drawn_ = value_;
    }

    bool something_to_tell() const { return unsent_.done > 0 || unsent_.failed > 0; }

    void send_next() {
        if (under_way_ || settled_) return;
        const run::Tally sums = std::exchange(unsent_, {});
        message_ = {std::exchange(wanted_, 0), sums.done, sums.failed};
        check(MPI_Irecv(&value_, 1, MPI_INT64_T, 0, kAnswerTag, ranks_.get(), &answer_),
              "draw a chunk");
        check(MPI_Send(&message_, kRequestWords, MPI_INT64_T, 0, kRequestTag, ranks_.get()),
              "draw a chunk");
        under_way_ = true;
        last_sent_ = std::chrono::steady_clock::now();
    }

    Communicator ranks_;
    MPI_Request answer_ = MPI_REQUEST_NULL;
    bool under_way_ = false;
    bool settled_ = false;
    Request message_;
    std::int64_t value_ = 0;
    std::int64_t wanted_ = 0;
    std::optional<std::int64_t> drawn_;
    run::Tally unsent_;
    std::chrono::steady_clock::time_point last_sent_{};
};

}  // namespace

std::unique_ptr<Board> make_message_board(const Communicator& ranks) {
    if (ranks.rank() == 0) return std::make_unique<MessageServer>(ranks);
    return std::make_unique<MessageClient>(ranks);
}

}  // namespace amorsize::mpi
