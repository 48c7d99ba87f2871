#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace amorsize::slurm {

/// A Slurm release: 22.05.8 is year 22, month 5, patch 8.
struct Version {
    int year = 0;
    int month = 0;
    int patch = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
};

/// The first release number in `text`: "slurm-wlm 22.05.8", "slurm 23.11.0-0rc1", "24.05". Nothing
/// if there is none.
std::optional<Version> parse_version(std::string_view text);
/// "22.05.8".
std::string to_string(const Version&);

/// Does `srun` inside a job take over `--cpus-per-task` from sbatch by itself? Yes before 22.05 and
/// from 23.11 on: RELEASE_NOTES of 22.05 ("srun will no longer read in SLURM_CPUS_PER_TASK") and
/// of 23.11 ("get back to the behavior before Slurm 22.05"); the table of srun's variables in
/// src/srun/opt.c has SRUN_CPUS_PER_TASK between.
bool srun_inherits_cpus_per_task(const Version&);

/// Does a launcher that starts its daemons through srun (mpirun, prterun, hydra) need the step made
/// by `srun --external-launcher`, so that its daemons see the whole allocation? From 23.11 on:
/// RELEASE_NOTES of 23.11. sbatch then sets it for the known launchers itself
/// (OMPI_MCA_plm_slurm_args and its kin, src/common/env.c).
bool launcher_needs_external_step(const Version&);

/// Does `--cpus-per-task` also set SLURM_TRES_PER_TASK=cpu:N, which srun refuses when it differs
/// from SLURM_CPUS_PER_TASK? From 24.05 on: RELEASE_NOTES of 24.05.
bool cpus_per_task_sets_tres_per_task(const Version&);

}  // namespace amorsize::slurm
