#include "mpi/network_probe.hpp"

#include <fmt/format.h>

#include <sstream>

#include "advisor/core/error.hpp"
#include "mpi/probe/links.hpp"

namespace amorsize::mpi {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostLinks = 8;
constexpr auto kForALink = std::chrono::seconds(4);
/// The root waits for what the two sides have to say about their own deadline.
constexpr auto kForAnswers = kForALink + std::chrono::seconds(1);
constexpr const char* kPing = "ping";
constexpr const char* kPong = "pong";

std::string host_in(const std::string& answer) {
    return answer.substr(0, answer.find('\n'));
}

std::string rest_of(const std::string& answer) {
    const std::size_t end = answer.find('\n');
    return end == std::string::npos ? "" : answer.substr(end + 1);
}

}  // namespace

std::string NetworkProbe::play(const std::string& part, int peer) {
    std::string said;
    try {
        const Deadline deadline = Clock::now() + kForALink;
        if (part == kPing) {
            said = to_line(messages_.ping(peer, deadline));
        } else {
            messages_.pong(peer, deadline);
        }
    } catch (const Error& error) {
        said = error.what();
    }
    return host_ + '\n' + said;
}

std::optional<std::string> NetworkProbe::answer(const std::string& request) {
    std::istringstream in(request);
    std::string part;
    int peer = -1;
    in >> part >> peer;
    if (!in || (part != kPing && part != kPong)) return std::nullopt;
    return play(part, peer);
}

probe::LinkFigures NetworkProbe::measure_link(int from, int to) {
    const Deadline deadline = Clock::now() + kForAnswers;
    leaders_.request({to, fmt::format("{} {}", kPong, from)});
    std::string pinged;
    std::string ponged;
    std::vector<int> others = {to};
    if (from == 0) {
        pinged = play(kPing, to);
    } else {
        leaders_.request({from, fmt::format("{} {}", kPing, to)});
        others.push_back(from);
    }
    for (const Letter& letter : leaders_.collect(others, deadline))
        (letter.from == to ? ponged : pinged) = letter.text;
    if (pinged.empty() || ponged.empty()) {
        throw Error(ExitCode::environment,
                    fmt::format("leader {} did not answer", pinged.empty() ? from : to));
    }
    probe::LinkFigures link = probe::link_from_line(rest_of(pinged));
    link.from = host_in(pinged);
    link.to = host_in(ponged);
    return link;
}

probe::NetworkReport NetworkProbe::measure(const std::vector<int>& alive) {
    probe::NetworkReport report;
    if (alive.size() < 2) report.unmeasured = "one node";
    for (const auto& [from, to] : probe::choose_links(alive, kMostLinks)) {
        try {
            report.links.push_back(measure_link(from, to));
        } catch (const Error& error) {
            // After a message that never came, who knows what comes next on that way.
            sound_ = false;
            report.unmeasured = fmt::format("stopped: {}", error.what());
            break;
        }
    }
    return report;
}

}  // namespace amorsize::mpi
