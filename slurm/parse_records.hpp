#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace amorsize::slurm {

/// The fields of one thing Slurm described, by name. Fields we do not know do no harm.
using Record = std::map<std::string, std::string, std::less<>>;

/// One record a line, as `scontrol -o show node|partition` prints them: `Key=Value` words; a word
/// without a key continues the value before it ("OS=Linux 6.1.0 #1 SMP"). Lines without any key are
/// skipped.
std::vector<Record> parse_one_line_records(std::string_view text);

/// `scontrol show config`: a "Key = Value" line each; headings and lines without " = " are skipped.
Record parse_config(std::string_view text);

/// `sacctmgr -nP` with the columns asked for, a line each; a line of another number of columns is
/// skipped.
std::vector<Record> parse_columns(std::string_view text, const std::vector<std::string>& names);

/// The launch types of `srun --mpi=list`: a heading, then a type a line, each after "srun: "
/// before 22.05.
std::vector<std::string> parse_mpi_list(std::string_view text);

/// The value of a field, or "" where there is none or Slurm prints "(null)".
std::string field(const Record&, std::string_view name);

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);

}  // namespace amorsize::slurm
