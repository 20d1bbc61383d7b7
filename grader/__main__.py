"""``python -m grader``: the command line, where no script is installed."""

import sys

from grader.cli import main

if __name__ == "__main__":
    sys.exit(main())
