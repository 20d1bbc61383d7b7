"""``python -m grader``: the command line, where no script is installed."""

import os.path
import sys

# Python puts the working directory first on the path of `python -m`. It may be a student's, with a
# numpy.py in it. A checkout of the grader's own stays: the grader itself is found there. Until it
# is gone, only modules that Python has loaded for itself are imported here. What Python imports
# before this line is beyond the grader: the script `grader`, or `python -P -m`, has no such gap.
if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120
    del sys.path[0]


def main() -> int:
    """Run the command line; an interrupt while it is loaded ends it in one line, too."""
    try:
        from grader.cli import main as run

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
