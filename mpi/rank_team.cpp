#include "mpi/rank_team.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace amorsize::mpi {

namespace {

/// Places in the window on rank 0.
enum Place : MPI_Aint { next_number = 0, items_done = 1, items_failed = 2, places = 3 };

/// Memory of rank 0 that every rank may read and change for as long as this lives.
class Window {
public:
    explicit Window(const Communicator& ranks) {
        const MPI_Aint bytes = ranks.rank() == 0 ? places * MPI_Aint{sizeof(std::int64_t)} : 0;
        check(MPI_Win_allocate(bytes, sizeof(std::int64_t), MPI_INFO_NULL, ranks.get(), &memory_,
                               &handle_),
              "open a window for the chunk counter");
        check(MPI_Win_set_errhandler(handle_, MPI_ERRORS_RETURN), "set the window's error handler");
        for (MPI_Aint i = 0; bytes > 0 && i < places; ++i) memory_[i] = 0;
        check(MPI_Barrier(ranks.get()), "synchronise");
        check(MPI_Win_lock_all(MPI_MODE_NOCHECK, handle_), "lock the window");
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;
    ~Window() {
        MPI_Win_unlock_all(handle_);
        MPI_Win_free(&handle_);
    }
    MPI_Win get() const { return handle_; }

private:
    std::int64_t* memory_ = nullptr;
    MPI_Win handle_ = MPI_WIN_NULL;
};

class WindowCounter : public run::SharedCounter {
public:
    explicit WindowCounter(const Window& window) : window_(window) {}

    void request(std::int64_t amount) override {
        amount_ = amount;
        check(MPI_Rget_accumulate(&amount_, 1, MPI_INT64_T, &value_, 1, MPI_INT64_T, 0, next_number,
                                  1, MPI_INT64_T, MPI_SUM, window_.get(), &request_),
              "draw a chunk");
    }
    std::optional<std::int64_t> poll() override {
        int arrived = 0;
        check(MPI_Test(&request_, &arrived, MPI_STATUS_IGNORE), "draw a chunk");
        if (arrived == 0) return std::nullopt;
        return value_;
    }

private:
    const Window& window_;
    MPI_Request request_ = MPI_REQUEST_NULL;
    std::int64_t amount_ = 0;
    std::int64_t value_ = 0;
};

class RankTeam : public run::Team {
public:
    RankTeam()
        : ranks_(Communicator::world()),
          node_(ranks_.on_node()),
          window_(ranks_),
          counter_(window_) {}

    int rank() const override { return ranks_.rank(); }
    int size() const override { return ranks_.size(); }
    int local_rank() const override { return node_.rank(); }
    int local_size() const override { return node_.size(); }
    std::string broadcast(std::string text) override { return ranks_.broadcast(std::move(text)); }
    std::vector<std::string> gather(const std::string& text) override {
        return ranks_.gather(text);
    }
    std::vector<std::string> gather_on_node(const std::string& text) override {
        return node_.gather_everywhere(text);
    }
    run::SharedCounter& counter() override { return counter_; }

    void add_to_tally(const run::Tally& more) override {
        const std::array<std::int64_t, 2> sums{more.done, more.failed};
        check(MPI_Accumulate(sums.data(), 2, MPI_INT64_T, 0, items_done, 2, MPI_INT64_T, MPI_SUM,
                             window_.get()),
              "report progress");
        check(MPI_Win_flush_local(0, window_.get()), "report progress");
    }

    run::Tally tally() override {
        std::array<std::int64_t, 2> sums{};
        std::array<std::int64_t, 2> nothing{};
        check(MPI_Get_accumulate(nothing.data(), 2, MPI_INT64_T, sums.data(), 2, MPI_INT64_T, 0,
                                 items_done, 2, MPI_INT64_T, MPI_NO_OP, window_.get()),
              "read the progress");
        check(MPI_Win_flush(0, window_.get()), "read the progress");
        return {sums[0], sums[1]};
    }

    bool all_have_finished() override {
        if (barrier_ == MPI_REQUEST_NULL && !barrier_passed_) {
            check(MPI_Ibarrier(ranks_.get(), &barrier_), "wait for the other ranks");
        }
        int passed = 0;
        if (!barrier_passed_)
            check(MPI_Test(&barrier_, &passed, MPI_STATUS_IGNORE), "wait for the other ranks");
        barrier_passed_ = barrier_passed_ || passed != 0;
        return barrier_passed_;
    }

    std::optional<double> progress_interval_seconds() const override {
        const bool others_need_us = rank() == 0 && local_size() < size();
        return others_need_us ? std::optional(kProgressSeconds) : std::nullopt;
    }

    void progress() override {
        if (rank() != 0) return;
        int any = 0;
        check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, ranks_.get(), &any, MPI_STATUS_IGNORE),
              "make progress");
    }

private:
    /// Short against a chunk, so that a draw that needs rank 0 costs others little; 2 % of a core.
    static constexpr double kProgressSeconds = 0.0005;

    Communicator ranks_;
    Communicator node_;
    Window window_;
    WindowCounter counter_;
    MPI_Request barrier_ = MPI_REQUEST_NULL;
    bool barrier_passed_ = false;
};

}  // namespace

std::unique_ptr<run::Team> make_rank_team() {
    return std::make_unique<RankTeam>();
}

}  // namespace amorsize::mpi
