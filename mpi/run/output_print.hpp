#pragma once

#include <functional>
#include <string_view>

#include "mpi/run/output_store.hpp"
#include "mpi/run/run_folder.hpp"

namespace amorsize::run {

/// Hands over what items printed on `stream`, each item's whole, in the order of the items: of
/// items that are done the attempt that did it, of failed ones the last.
void print_output(const RunFolder& folder, Stream stream,
                  const std::function<void(std::string_view)>& print);

}  // namespace amorsize::run
