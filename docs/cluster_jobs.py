"""Mark a class on a batch system: each worker is a job of SLURM's, PBS's, LSF's or SGE's.

    python docs/cluster_jobs.py --jobs 20 --queue cpu -- submissions/ --key ../key -o grades

What follows ``--`` is for ``grader grade``. The scheduler runs here, on the login node, and ends
with the run; jobs that the system ends are started again. With ``--print`` it prints the job script
and submits nothing. Needs dask-jobqueue, which knows the batch systems, beside the extra [cluster].
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import dask
import dask_jobqueue
from distributed import Security

#: Batch systems by name.
SYSTEMS = {
    "slurm": dask_jobqueue.SLURMCluster,
    "pbs": dask_jobqueue.PBSCluster,
    "lsf": dask_jobqueue.LSFCluster,
    "sge": dask_jobqueue.SGECluster,
}


def main() -> int:
    """Start the scheduler and the jobs, grade, and end them; return the grader's exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--system", choices=SYSTEMS, default="slurm", help="(slurm)")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="workers (4)")
    parser.add_argument("--memory", default="4GB", help="of each (4GB)")
    parser.add_argument("--time", default="04:00:00", help="that each may take (04:00:00)")
    parser.add_argument("--queue", help="or partition (the system's default)")
    parser.add_argument("--account", help="to charge (the system's default)")
    parser.add_argument("--interface", help="of the network that nodes share, such as ib0")
    parser.add_argument("--scratch", default="/tmp", help="for workers, on each node (/tmp)")
    parser.add_argument("--before", action="append", default=[], help="a line to run before a job")
    parser.add_argument("--plain", action="store_true", help="go without TLS")
    parser.add_argument("--print", action="store_true", help="print the job script, submit nothing")
    parser.add_argument("words", nargs="*", metavar="WORD", help="for grader grade, after --")
    options = parser.parse_args()
    # Else the scheduler keeps the last thousand messages to each worker, hand-ins and all.
    dask.config.set({"distributed.admin.low-level-log-length": 0})
    with SYSTEMS[options.system](**settings(options)) as cluster:
        if options.print:
            print(cluster.job_script())
            return 0
        # The same number all the time: a job that the system ends is submitted again.
        cluster.adapt(minimum_jobs=options.jobs, maximum_jobs=options.jobs)
        words = ["grade", *options.words, "--cluster", cluster.scheduler_address]
        return subprocess.run([sys.executable, "-m", "grader", *words], check=False).returncode


def settings(options: argparse.Namespace) -> dict[str, object]:
    """Return the settings of a cluster whose jobs have one worker of one thread each."""
    found: dict[str, object] = {
        "queue": options.queue,
        "walltime": options.time,
        "cores": 1,
        "processes": 1,
        "memory": options.memory,
        "interface": options.interface,
        "local_directory": options.scratch,
        "job_script_prologue": options.before,
        "scheduler_options": {"dashboard": False},  # it would be everybody's to read
    }
    if options.account:
        found["account" if options.system in ("slurm", "pbs") else "project"] = options.account
    secure = Security()
    if secure.require_encryption:  # dask's own settings say so
        return {**found, "protocol": "tls://", "security": secure}
    if not (options.plain or options.print):
        raise SystemExit(
            "dask isn't set up for TLS (docs/cluster.md): whoever reaches the scheduler could run "
            "programs as you. On a network that is yours alone, say --plain"
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
