"""What a test's worker loads when it starts (dask's ``--preload``): a worker that fails.

``GRADER_TEST_WEAK`` names workers that confine code weakly, with commas between. A hand-in whose
files hold :data:`MORTAL` kills the process that is asked to mark it: no student's code can, so that
the worker does it itself.
"""

import io
import os
import signal
import zipfile

from grader.classroom import cluster_worker
from grader.sandbox import refusals

MORTAL = b"# ends its worker"
_mark = cluster_worker.Marking.mark


def _mark_or_die(self: cluster_worker.Marking, submission: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(submission)) as archive:
        if any(MORTAL in archive.read(name) for name in archive.namelist()):
            os.kill(os.getpid(), signal.SIGKILL)
    return _mark(self, submission)


def dask_setup(worker: object) -> None:
    """Prepare a worker's process."""
    cluster_worker.Marking.mark = _mark_or_die  # type: ignore[method-assign]
    if str(worker.name) in os.environ.get("GRADER_TEST_WEAK", "").split(","):  # type: ignore[attr-defined]
        refusals.order = lambda level, allow_unsandboxed: ["seccomp-strict"]
