#!/bin/sh
# The nightly campaign as a Slurm array: each task is a shard. From the package's folder:
#
#   sbatch --array=0-15 ci/slurm-nightly.sh
#   target/debug/patchproof merge target/nightly/SEED/*
#
# The folder must be on a file system that all nodes share, and built before: cargo build.
#SBATCH --job-name=patchproof-nightly
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=02:00:00
set -eu

: "${SLURM_ARRAY_TASK_ID:?run it with sbatch --array=0-N}"
: "${SLURM_ARRAY_TASK_COUNT:?run it with sbatch --array=0-N}"
cd "${SLURM_SUBMIT_DIR:?run it with sbatch}"

# The shards of one night share a seed, whenever each of them starts.
night=${SEED:-$(date -u +%Y%m%d)}
if [ -n "${SLURM_ARRAY_JOB_ID:-}" ] && [ -z "${SEED:-}" ]; then
    mkdir -p target/nightly
    file="target/nightly/slurm-$SLURM_ARRAY_JOB_ID.seed"
    # The first task decides: a link is made once, and to a whole file.
    echo "$night" >"$file.$SLURM_ARRAY_TASK_ID"
    ln "$file.$SLURM_ARRAY_TASK_ID" "$file" 2>/dev/null || true
    rm "$file.$SLURM_ARRAY_TASK_ID"
    night=$(cat "$file")
fi

SEED=$night \
    SHARD="$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
    JOBS="${SLURM_CPUS_PER_TASK:-1}" \
    FOR="${FOR:-90m}" \
    exec ci/nightly
