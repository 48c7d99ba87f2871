#pragma once

namespace amorsize::measure {

/// Puts /dev/null where a standard stream was closed before we started, so that no file of ours gets its number and
/// takes its text. A closed standard output stays one that cannot be written to: that is told as an error.
void fill_closed_standard_streams();

}  // namespace amorsize::measure
