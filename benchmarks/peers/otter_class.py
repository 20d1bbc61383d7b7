"""Grade notebooks one after another by otter's Python API; run in otter's own environment.

    python otter_class.py ARCHIVE SCORES NOTEBOOK...

``otter.api.grade_submission`` is what otter documents for grading without Docker from a program;
one process for the whole class pays for otter's imports once. SCORES is written as JSON: a map of
each notebook's path to the tests that it passes, or to null where otter gave no results for it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from otter.api import grade_submission


def main(archive: str, scores: str, *notebooks: str) -> None:
    """Grade all, and go on after a submission that ends its kernel, as a loop over a class must."""
    found = {}
    for notebook in notebooks:
        try:
            results = grade_submission(notebook, archive, quiet=True)
            passed = [name for name, test in results.results.items() if test.score == test.possible]
            found[notebook] = None if results.has_catastrophic_failure() else passed
        except Exception as error:  # whatever a submission does to its kernel
            print(f"{notebook}: {error!r}", file=sys.stderr)
            found[notebook] = None
    Path(scores).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
