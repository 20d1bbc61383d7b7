"""What the words of a result mean, for those who ask: stages, visibilities, kinds of proof."""

from __future__ import annotations

from collections.abc import Mapping

STAGES: Mapping[str, str] = {
    "missing": "The function, class, method or parameter that is asked for isn't there under the "
    "name and in the file that the template gives it.",
    "not_implemented": "The code still raises NotImplementedError, as the template does.",
    "refused": "The code asked for something that isn't offered where it runs: another library, "
    "the network, a file, a process.",
    "raised": "The code raised an exception. The line named is the innermost one in the "
    "submission's own files.",
    "timed_out": "The code used more processor time than a question has.",
    "out_of_memory": "The code asked for more memory than a submission has.",
    "died": "The process that ran the code ended before it answered.",
    "returned_none": "The code returned None where an array or a number is asked.",
    "type": "The code returned something that is neither an array nor a number.",
    "shape": "The array has another shape than asked. Right numbers in a wrong shape keep most "
    "of the points.",
    "dtype": "The array isn't of floating point numbers of at least 32 bits.",
    "not_finite": "The array holds NaN or infinity.",
    "value": "The numbers differ from what is right by more than rounding can explain.",
    "gradient": "The slope that the gradient stands for isn't the one that the student's own "
    "forward pass shows.",
}

VISIBILITIES: Mapping[str, str] = {
    "published": "Its inputs and outputs are printed in the notebook.",
    "hidden": "Its inputs are in the answer key, the same ones for everyone; a failure is "
    "explained by small public examples.",
    "property": "It explains and carries no points.",
}

#: By the name of a judge. Each kind of check brings its own.
JUDGES: dict[str, str] = {}
