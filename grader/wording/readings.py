"""What is said where nothing, or not all, could be read of a hand-in."""

NOT_KEPT = (
    "What was handed in wasn't kept by the run that marked it: grade it again to see it here."
)
NO_NOTEBOOK = "The notebook of this question wasn't handed in."
NO_CELL = "No cell of the notebook belongs to this question."
