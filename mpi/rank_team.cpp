#include "mpi/rank_team.hpp"

#include <optional>
#include <utility>

#include "advisor/core/error.hpp"
#include "mpi/board.hpp"

namespace amorsize::mpi {

namespace {

std::unique_ptr<Board> make_board(const Communicator& ranks, const Communicator& node,
                                  Drawing drawing) {
    if (drawing != Drawing::messages) {
        if (auto board = make_window_board(ranks, node.size() == ranks.size())) return board;
        if (drawing == Drawing::window) {
            throw Error(ExitCode::environment,
                        "MPI has no one-sided communication between these ranks",
                        "leave the choice to amorsize-run, or give MPI a network that has it");
        }
    }
    return make_message_board(ranks);
}

class RankTeam : public run::Team {
public:
    explicit RankTeam(Drawing drawing)
        : ranks_(Communicator::world()),
          node_(ranks_.on_node()),
          board_(make_board(ranks_, node_, drawing)) {}

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
    run::SharedCounter& counter() override { return *board_; }
    void add_to_tally(const run::Tally& more) override { board_->add_to_tally(more); }
    run::Tally tally() override { return board_->tally(); }

    bool all_have_finished() override {
        if (all_finished_) return true;
        if (!board_->settled()) return false;
        if (barrier_ == MPI_REQUEST_NULL)
            check(MPI_Ibarrier(ranks_.get(), &barrier_), "wait for the other ranks");
        int passed = 0;
        check(MPI_Test(&barrier_, &passed, MPI_STATUS_IGNORE), "wait for the other ranks");
        all_finished_ = passed != 0;
        return all_finished_;
    }

    std::optional<double> progress_interval_seconds() const override {
        // Short against a chunk, so that a draw that needs rank 0 costs others little; some 2 % of
        // a core.
        constexpr double kInterval = 0.0005;
        return rank() == 0 && board_->needs_service() ? std::optional(kInterval) : std::nullopt;
    }
    void progress() override { board_->progress(); }

private:
    Communicator ranks_;
    Communicator node_;
    std::unique_ptr<Board> board_;
    MPI_Request barrier_ = MPI_REQUEST_NULL;
    bool all_finished_ = false;
};

}  // namespace

std::unique_ptr<run::Team> make_rank_team(Drawing drawing) {
    return std::make_unique<RankTeam>(drawing);
}

}  // namespace amorsize::mpi
