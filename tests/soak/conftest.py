"""The soak test marks the corpus of hostile submissions, with its arena and its trial."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "hostile"))
