#include "mpi/node_leaders.hpp"

#include <algorithm>
#include <utility>

#include "advisor/core/error.hpp"
#include "advisor/io/survey_json.hpp"

namespace amorsize::mpi {

namespace {

using Clock = std::chrono::steady_clock;

enum Tag : int { hosts_tag = 1, survey_tag, request_tag, answer_tag, go_tag };
constexpr const char* kEndAllLive = "end";
constexpr const char* kEndSomeLost = "leave";
/// At whether the root is lost; a file tells, so not too often.
constexpr auto kBetweenLooks = std::chrono::seconds(1);
constexpr auto kLastWords = std::chrono::seconds(2);

std::string to_bytes(const HostList& hosts) {
    return hosts.text();
}
std::string to_bytes(const NodeSurvey& survey) {
    return encode(survey);
}

void fold_in(HostList& sum, const Letter& letter) {
    if (const auto hosts = HostList::parse(letter.text)) sum.add(*hosts);
}
void fold_in(NodeSurvey& sum, const Letter& letter) {
    sum = fold(std::move(sum),
               decode_survey(letter.text, "the message of rank " + std::to_string(letter.from)));
}

}  // namespace

NodeLeaders::NodeLeaders(bool every_rank)
    : node_(every_rank ? Communicator::self() : Communicator::world().on_node()),
      leaders_(Communicator::world().of_members(node_.rank() == 0)),
      on_node_(node_) {
    if (!leaders_) return;
    between_.emplace(*leaders_);
    number_ = leaders_->rank();
    count_ = leaders_->size();
    place_ = probe::place_in_tree(number_, count_);
}

template <class Value>
Value NodeLeaders::fold_up(Value sum, int tag, Deadline deadline, std::chrono::milliseconds grace) {
    const Deadline own_deadline = deadline + grace * place_.height;
    std::vector<int> waiting = place_.children;
    while (!waiting.empty()) {
        const auto letter = between_->receive(MPI_ANY_SOURCE, tag, own_deadline);
        if (!letter) break;
        std::erase(waiting, letter->from);
        fold_in(sum, *letter);
    }
    if (place_.parent >= 0) between_->post(place_.parent, tag, to_bytes(sum));
    return sum;
}

HostList NodeLeaders::fold_hosts(HostList own, Deadline deadline, std::chrono::milliseconds grace) {
    return fold_up(std::move(own), hosts_tag, deadline, grace);
}

NodeSurvey NodeLeaders::fold_surveys(NodeSurvey own, Deadline deadline,
                                     std::chrono::milliseconds grace) {
    return fold_up(std::move(own), survey_tag, deadline, grace);
}

void NodeLeaders::request(const Request& request) {
    between_->post(request.to, request_tag, request.text);
}

std::vector<Letter> NodeLeaders::collect(std::vector<int> from, Deadline deadline) {
    std::vector<Letter> answers;
    while (!from.empty()) {
        auto letter = between_->receive(MPI_ANY_SOURCE, answer_tag, deadline);
        if (!letter) break;
        if (std::erase(from, letter->from) > 0) answers.push_back(*std::move(letter));
    }
    return answers;
}

bool NodeLeaders::serve(const std::function<std::string(const std::string& request)>& answer,
                        const std::function<bool()>& root_is_lost, Deadline deadline) {
    while (Clock::now() < deadline && !root_is_lost()) {
        const auto letter = between_->receive(MPI_ANY_SOURCE, request_tag,
                                              std::min(deadline, Clock::now() + kBetweenLooks));
        if (!letter) continue;
        if (letter->text == kEndSomeLost) return false;
        if (letter->text == kEndAllLive) {
            let_go_below();
            return true;
        }
        between_->post(0, answer_tag, answer(letter->text));
    }
    return false;
}

void NodeLeaders::let_go_below() {
    for (const int child : place_.children) between_->post(child, request_tag, kEndAllLive);
    between_->flush(Clock::now() + kLastWords);
}

void NodeLeaders::let_go(bool all_live) {
    if (all_live) {
        let_go_below();
        return;
    }
    // Not down the tree: who is lost would keep those below from hearing.
    for (int leader = 1; leader < count_; ++leader)
        between_->post(leader, request_tag, kEndSomeLost);
    between_->flush(Clock::now() + kLastWords);
}

void NodeLeaders::let_node_go(bool all_live) {
    for (int rank = 1; rank < node_.size(); ++rank)
        on_node_.post(rank, go_tag, all_live ? kEndAllLive : kEndSomeLost);
    on_node_.flush(Clock::now() + kLastWords);
}

bool NodeLeaders::wait_to_go(Deadline deadline) {
    const auto letter = on_node_.receive(0, go_tag, deadline);
    return letter && letter->text == kEndAllLive;
}

}  // namespace amorsize::mpi
