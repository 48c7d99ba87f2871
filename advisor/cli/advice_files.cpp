#include "advisor/cli/advice_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "advisor/cli/page/advice_page.hpp"
#include "advisor/cli/passing_file.hpp"
#include "advisor/core/error.hpp"
#include "advisor/io/atomic_file.hpp"
#include "advisor/io/kept_items.hpp"
#include "advisor/io/plan_file.hpp"
#include "advisor/measure/run_command.hpp"
#include "slurm/launch_arguments.hpp"
#include "slurm/sbatch_script.hpp"

namespace amorsize::cli {

namespace fs = std::filesystem;

namespace {

/// A slip of the keyboard must not cost the manifest: `--report job.yaml`.
void require_place_of_page(const OutputPaths& paths) {
    const fs::path page = fs::weakly_canonical(paths.page);
    for (const std::string& other : {paths.plan, paths.script, paths.kept}) {
        if (page != fs::weakly_canonical(other)) continue;
        throw Error(
            ExitCode::usage,
            fmt::format("--report {}: another output of this advice has that name", paths.page),
            "name the page otherwise: --report FILE.html");
    }
    std::ifstream file(page);
    std::string beginning(2000, '\0');
    file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    beginning.resize(static_cast<std::size_t>(file.gcount()));
    if (beginning.empty() || page::is_advice_page(beginning)) return;
    throw Error(
        ExitCode::usage,
        fmt::format("--report {}: there is a file that is no page of this program", paths.page),
        "name a new file, or remove that one");
}

}  // namespace

OutputPaths output_paths(const AdviseOptions& options, const Manifest& manifest) {
    const std::string stem =
        (fs::absolute(options.output).lexically_normal() / manifest.name).string();
    return {stem + ".plan.yaml", stem + ".sbatch", stem + ".kept", options.report};
}

void require_replaceable(const OutputPaths& paths) {
    for (const std::string& path : {paths.plan, paths.script, paths.kept})
        amorsize::require_replaceable(path);
    if (paths.page.empty()) return;
    require_place_of_page(paths);
    amorsize::require_replaceable(paths.page);
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
                   const Advice& advice, const Outputs& outputs, const std::vector<KeptItem>& kept,
                   const std::string& page, const std::optional<JobInstance>& remembered_as) {
    std::vector<FileToWrite> files;
    if (advice.plan) {
        files.push_back({paths.plan, write_plan(manifest, items, advice, outputs.launch,
                                                outputs.directives, remembered_as)});
        files.push_back({paths.script, outputs.script, true});
        if (!kept.empty()) files.push_back({paths.kept, write_kept_items(kept)});
    }
    if (!paths.page.empty()) files.push_back({paths.page, page});
    write_files_atomically(files);
    // What an earlier advice kept may come from another command.
    if (advice.plan && kept.empty()) fs::remove(paths.kept);
}

slurm::Judgement judge(const std::string& script) {
    // A script may hold what its user keeps secret.
    const PassingFile file(script);
    return slurm::test_only(measure::run_command, file.path());
}

}  // namespace amorsize::cli
