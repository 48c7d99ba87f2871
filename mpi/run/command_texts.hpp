#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/core/planned_job.hpp"
#include "mpi/run/item_texts.hpp"

namespace amorsize::run {

/// The command of an item as a person would type it; in mode stream the item, which is all that a
/// worker is told.
class CommandTexts {
public:
    CommandTexts(const PlannedJob& job, ItemTexts& items);

    /// Valid until the next call.
    std::string_view operator()(std::int64_t item);

private:
    /// A command whose only placeholder is one whole argument needs no expansion for each of a
    /// million items.
    struct AroundItem {
        std::string before;
        std::string after;
    };
    static std::optional<AroundItem> around_item(const Command& command);

    const PlannedJob& job_;
    ItemTexts& items_;
    std::optional<AroundItem> around_item_;
    std::string text_;
};

}  // namespace amorsize::run
