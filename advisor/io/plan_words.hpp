#pragma once

#include <string>

#include "advisor/core/advice.hpp"
#include "advisor/core/plan.hpp"
#include "advisor/core/strategy.hpp"
#include "advisor/io/yaml_section.hpp"

namespace amorsize {

// The words of the advice's closed sets, for writers and readers alike.
const yaml::Words<Verdict>& verdicts();
const yaml::Words<Schedule>& schedules();
const yaml::Words<Source>& sources();
const yaml::Words<Strategy>& strategies();

/// The word of a value of a closed set.
template <class E>
std::string word_of(E value, const yaml::Words<E>& words) {
    for (const auto& [word, meaning] : words) {
        if (meaning == value) return word;
    }
    return "";
}

}  // namespace amorsize
