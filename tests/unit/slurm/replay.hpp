#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "advisor/core/command_port.hpp"

namespace amorsize::slurm {

inline std::string captured(const std::string& version, const std::string& name) {
    std::ifstream file(std::string(AMORSIZE_TEST_DATA) + "/data/slurm/" + version + "/" + name +
                       ".txt");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Answers like a cluster of that version; what was not captured fails as a command without
/// permission does.
inline CommandPort replay(const std::string& version) {
    return [version](const std::vector<std::string>& argv, Seconds) -> CommandResult {
        static const std::map<std::string, std::string> files{
            {"sinfo --version", "version"},
            {"scontrol show config", "config"},
            {"scontrol -o show partition", "partitions"},
            {"scontrol -o show node", "nodes"},
            {"srun --mpi=list", "mpi_list"},
            {"sacctmgr -nP show qos format=Name,MaxTRES,MaxTRESPU,GrpTRES,MaxWall,MinTRES,Flags",
             "qos"}};
        std::string command;
        for (const auto& word : argv) command += (command.empty() ? "" : " ") + word;
        if (command == "id -un") return {0, "nobody\n", "", false};
        auto name = files.contains(command) ? files.at(command) : "";
        if (command.find("show assoc user=nobody ") != std::string::npos) name = "assoc_user";
        if (command.find("show assoc account=") != std::string::npos) name = "assoc_account";
        const auto text = captured(version, name);
        if (text.empty()) return {1, "", command + ": error: Access/permission denied\n", false};
        const bool on_stderr = name == "mpi_list" && version < "22.05";
        return on_stderr ? CommandResult{0, "", text, false} : CommandResult{0, text, "", false};
    };
}

}  // namespace amorsize::slurm
