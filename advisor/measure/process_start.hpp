#pragma once

namespace amorsize::measure {

/// What each of our programs does first:
/// - puts /dev/null where a standard stream was closed before we started, so that no file of ours
/// gets its number and
///   takes its text. A closed standard output stays one that cannot be written to: that is told as
///   an error;
/// - takes a file past the size limit (ulimit -f) as an error of the write, not as the end of the
/// program. Programs
///   that we start meet that limit as they would without us.
void prepare_process();

}  // namespace amorsize::measure
