#include <array>

#include "mpi/board.hpp"

namespace amorsize::mpi {

namespace {

/// Places in the window on rank 0.
enum Place : MPI_Aint { next_number = 0, items_done = 1, places = 3 };

/// Memory of rank 0 that every rank may read and change for as long as this lives.
class Window {
public:
    /// Makes the window if MPI can, on all ranks or on none.
    explicit Window(const Communicator& ranks) {
        const MPI_Aint bytes = ranks.rank() == 0 ? places * MPI_Aint{sizeof(std::int64_t)} : 0;
        int made = MPI_Win_allocate(bytes, sizeof(std::int64_t), MPI_INFO_NULL, ranks.get(),
                                    &memory_, &handle_) == MPI_SUCCESS;
        for (MPI_Aint i = 0; made != 0 && bytes > 0 && i < places; ++i) memory_[i] = 0;
        int made_by_all = 0;
        check(MPI_Allreduce(&made, &made_by_all, 1, MPI_INT, MPI_MIN, ranks.get()),
              "open a window");
        if (made_by_all != 0) {
            MPI_Win_set_errhandler(handle_, MPI_ERRORS_RETURN);
            check(MPI_Win_lock_all(MPI_MODE_NOCHECK, handle_), "lock the window");
        } else {
            handle_ = MPI_WIN_NULL;
        }
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;
    ~Window() {
        if (handle_ == MPI_WIN_NULL) return;
        MPI_Win_unlock_all(handle_);
        MPI_Win_free(&handle_);
    }
    bool works() const { return handle_ != MPI_WIN_NULL; }
    MPI_Win get() const { return handle_; }

private:
    std::int64_t* memory_ = nullptr;
    MPI_Win handle_ = MPI_WIN_NULL;
};

class WindowBoard : public Board {
public:
    WindowBoard(const Communicator& ranks, bool same_node)
        : ranks_(ranks), window_(ranks), needs_service_(!same_node) {}

    bool works() const { return window_.works(); }

    void request(std::int64_t amount) override {
        amount_ = amount;
        if (!needs_service_) {
            // In shared memory the draw is done at once; a request object would only add to it.
            check(MPI_Fetch_and_op(&amount_, &value_, MPI_INT64_T, 0, next_number, MPI_SUM,
                                   window_.get()),
                  "draw a chunk");
            return;
        }
        check(MPI_Rget_accumulate(&amount_, 1, MPI_INT64_T, &value_, 1, MPI_INT64_T, 0, next_number,
                                  1, MPI_INT64_T, MPI_SUM, window_.get(), &request_),
              "draw a chunk");
    }

    std::optional<std::int64_t> poll() override {
        int arrived = 1;
        if (!needs_service_) {
            check(MPI_Win_flush(0, window_.get()), "draw a chunk");
        } else {
            check(MPI_Test(&request_, &arrived, MPI_STATUS_IGNORE), "draw a chunk");
        }
        if (arrived == 0) return std::nullopt;
        return value_;
    }

    void add_to_tally(const run::Tally& more) override {
        if (more.done == 0 && more.failed == 0) return;
        const std::array<std::int64_t, 2> sums{more.done, more.failed};
        check(MPI_Accumulate(sums.data(), 2, MPI_INT64_T, 0, items_done, 2, MPI_INT64_T, MPI_SUM,
                             window_.get()),
              "report progress");
        check(MPI_Win_flush_local(0, window_.get()), "report progress");
    }

    run::Tally tally() override {
        std::array<std::int64_t, 2> sums{};
        const std::array<std::int64_t, 2> nothing{};
        check(MPI_Get_accumulate(nothing.data(), 2, MPI_INT64_T, sums.data(), 2, MPI_INT64_T, 0,
                                 items_done, 2, MPI_INT64_T, MPI_NO_OP, window_.get()),
              "read the progress");
        check(MPI_Win_flush(0, window_.get()), "read the progress");
        return {sums[0], sums[1]};
    }

    void progress() override {
        if (!needs_service_ || ranks_.rank() != 0) return;
        // Any call lets MPI work; over some networks it answers for this rank only then.
        int any = 0;
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, ranks_.get(), &any, MPI_STATUS_IGNORE);
    }

    bool settled() override { return true; }
    bool needs_service() const override { return needs_service_; }

private:
    const Communicator& ranks_;
    Window window_;
    bool needs_service_;
    MPI_Request request_ = MPI_REQUEST_NULL;
    std::int64_t amount_ = 0;
    std::int64_t value_ = 0;
};

}  // namespace

std::unique_ptr<Board> make_window_board(const Communicator& ranks, bool same_node) {
    auto board = std::make_unique<WindowBoard>(ranks, same_node);
    if (!board->works()) return nullptr;
    return board;
}

}  // namespace amorsize::mpi
