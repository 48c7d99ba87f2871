#include "advisor/core/probe_report.hpp"

#include <cmath>

#include "advisor/core/text.hpp"

namespace amorsize::probe {

namespace {

enum class Unit { bytes, seconds, rate, ratio };

struct Description {
    const char* key;
    const char* words;
    Unit unit;
};

constexpr std::array<Description, kNodeFigures> kDescriptions = {{
    {"installed_memory", "memory installed", Unit::bytes},
    {"usable_memory", "memory a job may use", Unit::bytes},
    {"exec", "starting a program", Unit::seconds},
    {"fork_per_gib", "fork for each GiB", Unit::seconds},
    {"thread", "starting a thread", Unit::seconds},
    {"one_core_bandwidth", "bandwidth of one core", Unit::rate},
    {"saturated_bandwidth", "bandwidth of a NUMA domain", Unit::rate},
    {"saturating_cores", "cores that saturate a NUMA domain", Unit::ratio},
    {"smt_yield", "yield of a second thread", Unit::ratio},
    {"core_rate", "speed of one core", Unit::ratio},
    {"all_core_speed", "speed with all cores busy", Unit::ratio},
    {"measuring", "time to measure", Unit::seconds},
}};

const Description& description_of(NodeFigure figure) {
    return kDescriptions[static_cast<std::size_t>(figure)];
}

}  // namespace

const char* key_of(NodeFigure figure) {
    return description_of(figure).key;
}

const char* words_of(NodeFigure figure) {
    return description_of(figure).words;
}

std::string text_of(NodeFigure figure, double value) {
    switch (description_of(figure).unit) {
        case Unit::bytes:
            return to_text(Bytes{std::llround(value)});
        case Unit::seconds:
            return to_text(Seconds{value});
        case Unit::rate:
            return to_text(BytesPerSecond{value});
        case Unit::ratio:
            break;
    }
    return to_text(value);
}

std::optional<Fraction> spread_of(const FigureSpreads& spreads, NodeFigure figure) {
    switch (figure) {
        case NodeFigure::exec:
            return spreads.exec;
        case NodeFigure::fork_per_gib:
            return spreads.fork_per_gib;
        case NodeFigure::thread:
            return spreads.thread;
        case NodeFigure::one_core_bandwidth:
            return spreads.one_core_bandwidth;
        case NodeFigure::saturated_bandwidth:
            return spreads.saturated_bandwidth;
        case NodeFigure::smt_yield:
            return spreads.smt_yield;
        case NodeFigure::all_core_speed:
            return spreads.all_core_speed;
        case NodeFigure::installed_memory:
        case NodeFigure::usable_memory:
        case NodeFigure::saturating_cores:
        case NodeFigure::core_rate:
        case NodeFigure::measuring:
            break;
    }
    return std::nullopt;
}

}  // namespace amorsize::probe
