#pragma once

#include <cstdint>
#include <optional>

#include "mpi/run/item_set.hpp"
#include "mpi/run/resumption.hpp"
#include "mpi/run/size_order.hpp"

namespace amorsize::run {

/// The items a run has to run, in the order in which they are handed out: as listed, or the largest
/// first.
class WorkList {
public:
    explicit WorkList(const Resumption& resumption);

    std::int64_t items() const { return missing_.count(); }
    /// What chunks are cut from: items, or units of their size.
    std::int64_t units() const { return order_ ? order_->units() : items(); }
    std::int64_t units_of_mean_item() const { return order_ ? SizeOrder::kUnitsOfMeanItem : 1; }
    /// The places in the list that a chunk of units stands for.
    ItemSpan places(const ItemSpan& units) const { return order_ ? order_->places(units) : units; }
    /// The item at a place.
    std::int64_t item(std::int64_t place) const {
        return missing_[order_ ? order_->position(place) : place];
    }

private:
    MissingItems missing_;
    std::optional<SizeOrder> order_;
};

}  // namespace amorsize::run
