#include "advisor/cli/advice_files.hpp"

#include <filesystem>

#include "advisor/cli/passing_file.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/kept_items.hpp"
#include "advisor/io/plan_file.hpp"
#include "advisor/measure/run_command.hpp"
#include "slurm/launch_arguments.hpp"
#include "slurm/sbatch_script.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

OutputPaths output_paths(const AdviseOptions& options, const Manifest& manifest) {
    const std::string stem =
        (fs::absolute(options.output).lexically_normal() / manifest.name).string();
    return {stem + ".plan.yaml", stem + ".sbatch", stem + ".kept"};
}

void require_replaceable(const OutputPaths& paths) {
    for (const std::string& path : {paths.plan, paths.script, paths.kept})
        amorsize::require_replaceable(path);
}

Outputs make_outputs(const Manifest& manifest, const Cluster& cluster, const Advice& advice,
                     const std::string& plan_path, const Surroundings& surroundings) {
    Outputs outputs;
    if (!advice.plan) return outputs;
    const std::vector<std::string> work =
        slurm::rank_command(manifest, surroundings.command("amorsize-run"), plan_path);
    outputs.launch = {slurm::srun_arguments(*advice.plan, cluster, work),
                      slurm::mpirun_arguments(*advice.plan, cluster, work)};
    for (const slurm::Directive& line : slurm::directives(manifest, advice)) {
        outputs.directives.push_back(line.option);
    }
    const bool alone = advice.verdict == Verdict::serial;
    outputs.script =
        slurm::sbatch_script(manifest, advice,
                             alone                                   ? work
                             : manifest.launcher == Launcher::mpirun ? outputs.launch.mpirun
                                                                     : outputs.launch.srun,
                             plan_path);
    return outputs;
}

void write_outputs(const OutputPaths& paths, const Manifest& manifest, std::int64_t items,
                   const Advice& advice, const Outputs& outputs,
                   const std::vector<KeptItem>& kept) {
    std::vector<FileToWrite> files{
        {paths.plan, write_plan(manifest, items, advice, outputs.launch, outputs.directives)},
        {paths.script, outputs.script, true}};
    if (!kept.empty()) files.push_back({paths.kept, write_kept_items(kept)});
    write_files_atomically(files);
    // What an earlier advice kept may come from another command.
    if (kept.empty()) fs::remove(paths.kept);
}

slurm::Judgement judge(const std::string& script) {
    // A script may hold what its user keeps secret.
    const PassingFile file(script);
    return slurm::test_only(measure::run_command, file.path());
}

}  // namespace amorsize::cli
