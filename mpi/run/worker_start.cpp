#include "mpi/run/worker_start.hpp"

namespace amorsize::run {

WorkerStart::WorkerStart(const WorkerSetup& setup, std::uint32_t worker)
    : place_(setup.places[worker]), environment_(setup.environment) {
    environment_.push_back("AMORSIZE_WORKER=" + std::to_string(worker));
    for (std::string& entry : environment_) envp_.push_back(entry.data());
    // Room for AMORSIZE_ITEM and the end.
    envp_.resize(envp_.size() + 2);
}

pid_t WorkerStart::operator()(const ChildStarter& starter, const std::vector<std::string>& argv,
                              const std::string* item, int in, int out, int err) {
    char* last = nullptr;
    if (item != nullptr) {
        item_variable_.assign("AMORSIZE_ITEM=").append(*item);
        last = item_variable_.data();
    }
    envp_[environment_.size()] = last;

    argv_.clear();
    for (const std::string& argument : argv) argv_.push_back(const_cast<char*>(argument.c_str()));
    argv_.push_back(nullptr);
    if (program_path_.empty() || program_name_ != argv.front()) {
        program_name_ = argv.front();
        program_path_ = find_program(program_name_);
    }
    return starter.start(
        {program_path_.c_str(), argv_.data(), envp_.data(), in, out, err, &place_});
}

}  // namespace amorsize::run
