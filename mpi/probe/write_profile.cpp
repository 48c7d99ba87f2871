#include "mpi/probe/write_profile.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "advisor/io/atomic_file.hpp"
#include "advisor/io/cluster_writer.hpp"
#include "mpi/probe/findings.hpp"
#include "mpi/probe/report_text.hpp"

namespace amorsize::probe {

namespace fs = std::filesystem;

namespace {

std::string without_line_breaks(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return text;
}

}  // namespace

std::string profile_text(const ProbeReport& report, const std::string& topology_prefix) {
    std::string text = "# Written by amorsize-probe; see docs/cluster-profile.md.\n";
    for (const FoundClass& found : report.classes) {
        text += "# class " + found.name + ": " +
                without_line_breaks(found.nodes.hosts.text() + " | " + found.nodes.hardware) + '\n';
    }
    for (const std::string& line : warnings_of(report))
        text += "# warning: " + without_line_breaks(line) + '\n';
    return text + write_cluster(profile_of(report, topology_prefix));
}

void write_profile(const ProbeReport& report, const std::string& path) {
    const fs::path target(path);
    const std::string prefix = target.stem().string() + ".";
    std::vector<FileToWrite> files;
    for (const FoundClass& found : report.classes) {
        const fs::path file = target.parent_path() / (prefix + found.name + ".xml");
        files.push_back({file.string(), found.nodes.topology_xml});
    }
    files.push_back({path, profile_text(report, prefix)});
    write_files_atomically(files);
}

}  // namespace amorsize::probe
