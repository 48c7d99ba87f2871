#include "mpi/run/team.hpp"

#include <utility>

namespace amorsize::run {

namespace {

class LocalCounter : public SharedCounter {
public:
    void request(std::int64_t amount) override { answer_ = std::exchange(value_, value_ + amount); }
    std::optional<std::int64_t> poll() override { return std::exchange(answer_, std::nullopt); }

private:
    std::int64_t value_ = 0;
    std::optional<std::int64_t> answer_;
};

class TeamOfOne : public Team {
public:
    int rank() const override { return 0; }
    int size() const override { return 1; }
    int local_rank() const override { return 0; }
    int local_size() const override { return 1; }
    std::string broadcast(std::string text) override { return text; }
    std::vector<std::string> gather(const std::string& text) override { return {text}; }
    std::vector<std::string> gather_on_node(const std::string& text) override { return {text}; }
    SharedCounter& counter() override { return counter_; }
    void add_to_tally(const Tally& more) override {
        tally_.done += more.done;
        tally_.failed += more.failed;
    }
    Tally tally() override { return tally_; }
    bool all_have_finished() override { return true; }
    std::optional<double> progress_interval_seconds() const override { return std::nullopt; }
    void progress() override {}

private:
    LocalCounter counter_;
    Tally tally_;
};

}  // namespace

std::unique_ptr<Team> make_team_of_one() {
    return std::make_unique<TeamOfOne>();
}

}  // namespace amorsize::run
