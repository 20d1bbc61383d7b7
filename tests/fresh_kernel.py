"""An assignment's notebook, executed whole in a fresh Jupyter kernel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import nbformat
import pytest

from grader.authoring.release import write


def run(
    files: Mapping[str, bytes],
    name: str,
    folder: Path,
    images: Path | None = None,
    without: Collection[str] = (),
):
    """Run the notebook *name* of *files* in *folder*/work; a traceback is an error.

    *images* is the folder of the data set; without it there is none. Cells that carry one of the
    tags in *without* are left out. A cell may take as long as it takes, since that is a matter of
    what else the machine does.
    """
    nbclient = pytest.importorskip("nbclient", reason="needs the [dev] extra's notebook runner")
    reason = "needs the [dev] extra's kernel"
    kernelspec = pytest.importorskip("ipykernel.kernelspec", reason=reason)
    write(files, folder / "work")
    (folder / "none").mkdir()
    kernelspec.write_kernel_spec(folder / "jupyter/kernels/python3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("CIFAR10_DIR", str(images or folder / "none"))
        patch.setenv("XDG_CACHE_HOME", str(folder / "none"))
        notebook = nbformat.reads(files[f"{name}.ipynb"].decode(), as_version=4)
        notebook.cells = [
            cell for cell in notebook.cells if not set(without) & set(cell.metadata.get("tags", ()))
        ]
        resources = {"metadata": {"path": str(folder / "work")}}
        nbclient.NotebookClient(
            notebook, timeout=None, kernel_name="python3", resources=resources
        ).execute()
    notebook.metadata["folder"] = str(folder / "work")
    return notebook


def printed(notebook, *tags: str) -> str:
    """Return what the cells printed that carry all of *tags*."""
    return "".join(
        output["text"]
        for cell in notebook.cells
        if set(tags) <= set(cell.metadata.get("tags", ()))
        for output in cell.get("outputs", ())
        if output.get("name") == "stdout"
    )


def pictures(notebook):
    """Return the ids of the cells that show a picture, once for each."""
    return [
        cell.id
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
