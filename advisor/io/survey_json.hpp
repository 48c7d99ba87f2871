#pragma once

#include <string>
#include <string_view>

#include "advisor/core/node_survey.hpp"
#include "advisor/core/probe_report.hpp"

namespace amorsize {

/// A survey as bytes for a message or a file: a line of JSON, then the topologies as they are.
std::string encode(const NodeSurvey&);
/// Throws Error (bad_input) if the bytes are not what encode() makes. `origin` names them.
NodeSurvey decode_survey(std::string_view bytes, const std::string& origin);

namespace probe {
/// The report as JSON text, indented by two.
std::string to_json(const ProbeReport&);
}  // namespace probe

}  // namespace amorsize
