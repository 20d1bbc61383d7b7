"""Sentences about a cause that is known: old names of numpy, Python 2, imports, missing files.

They come in place of a stage's message. ``{call}`` is the function asked, ``{where}`` where the
line is, ``{owner}`` its class, ``{file}`` the file, ``{instead}`` what to write, ``{name}`` a name
of numpy.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.causes import NUMPY, PYTHON2

SENTENCES: Mapping[str, str] = {
    "no_file": "Add {file}: it isn't in the hand-in.",
    "unread_file": "Save {file} anew: it could not be read. {text}",
    "no_parameter": "Make every parameter that is asked for in the model's constructor. {text}",
    "no_parameters": "Write the constructor of {owner}: the model has no parameters yet.",
    "blank": "Write {call}: it returns None, and nothing is worked out in it yet.",
    "compile": "Look at {where}: {call} doesn't compile there ({type}). {text}",
    "import": "Mend the import at {where}. {text}",
    "circle": "Take the import at {where} out of its circle: two files import one another. {text}",
    "at_import": "Look at {where}: it raised {type} when the file was imported, and {call} needs "
    "it. {text}",
}
NUMPY_NAME = (
    "Write {instead} in place of np.{name} at {where}: numpy dropped that name in its version 1.24."
)
PYTHON_2 = "Write {instead} at {where}: that line is Python 2, and Python 3 runs it here."


def sentence(cause: str) -> str:
    """Return the template of the sentence about *cause*; empty for one that has none."""
    room, _, name = cause.partition(".")
    if room == "numpy" and name in NUMPY:
        return NUMPY_NAME.replace("{instead}", NUMPY[name]).replace("{name}", name)
    if room == "python2" and name in PYTHON2:
        return PYTHON_2.replace("{instead}", PYTHON2[name])
    return SENTENCES.get(cause, "")
