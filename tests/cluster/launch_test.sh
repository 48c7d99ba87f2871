#!/usr/bin/env bash
# Steps reach every node, and ranks of an MPI program find each other however they are started.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

hosts=$(within 30 srun -N4 hostname | sort | paste -sd' ')
expect "srun over four nodes" "n1 n2 n3 n4" "$hosts"

ranks_of() { grep '^rank' | sort -t' ' -k2n | cut -d' ' -f2,6 | paste -sd' '; }

pmix=$(within 60 srun --mpi=pmix -N4 -n6 "$bin/cluster_hello_mpi")
expect "PMIx: six ranks on four nodes" "0 n1 1 n1 2 n2 3 n2 4 n3 5 n4" "$(ranks_of <<<"$pmix")"
expect "PMIx: every rank sees all ranks" 6 "$(grep -c 'sum 15$' <<<"$pmix")"
expect "PMIx: ranks of one node know each other" 4 "$(grep -c ', 2 ranks here' <<<"$pmix")"

pmi2=$(within 30 srun --mpi=pmi2 -N4 -n6 sh -c 'echo $PMI_RANK of $PMI_SIZE' | sort | paste -sd,)
expect "PMI2: every task has its rank" "0 of 6,1 of 6,2 of 6,3 of 6,4 of 6,5 of 6" "$pmi2"
if within 60 srun --mpi=pmi2 -N2 -n2 "$bin/cluster_hello_mpi" >mpi_pmi2.txt 2>&1; then
    expect "PMI2: an MPI program" "0 n1 1 n2" "$(ranks_of <mpi_pmi2.txt)"
elif grep -q "not built with SLURM's PMI support" mpi_pmi2.txt; then
    echo "not tried: MPI under PMI2, this Open MPI was built without it"
else
    fail "MPI under PMI2: $(<mpi_pmi2.txt)"
fi

cat >mpirun.sbatch <<END
#!/bin/bash
#SBATCH --nodes=4 --ntasks=6 --time=2 --output=mpirun.out
mpirun -np 6 "$bin/cluster_hello_mpi"
END
job=$(within 30 sbatch --parsable mpirun.sbatch)
expect "mpirun in a job" COMPLETED "$(accounted "$job" State | head -n 1)"
expect "mpirun in a job: ranks on four nodes" "n1 n2 n3 n4" "$(grep -o 'on n[1-4]' mpirun.out | cut -d' ' -f2 | sort -u | paste -sd' ')"
expect "mpirun in a job: every rank sees all ranks" 6 "$(grep -c 'sum 15$' mpirun.out)"
