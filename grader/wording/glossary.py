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

JUDGES: Mapping[str, str] = {
    "match": "Every output is compared with the reference's: the norm of the difference may be "
    "at most 1e-9 of the arrays' own.",
    "complete": "Every parameter of the model must have a gradient of its size.",
    "published": "Every output is compared with the notebook's figures: the element-wise relative "
    "error may be at most the notebook's bound.",
    "slope": "Inputs are moved a little to both sides along a random direction; the change of the "
    "student's own forward pass is compared with what the gradient says it is.",
    "linear": "The backward pass is called with dout zero, doubled and added up, and again with "
    "the same inputs: what must hold of any derivative is held against it.",
    "initial": "First weights are read and their shapes, standard deviation, mean and dtype are "
    "looked at; biases must be zero and no two weights alike.",
    "mask": "The mask is read off the output: each value is zero or 1/p, at a rate within five "
    "standard errors of p, and rows differ.",
    "seeded": "Two calls with one seed must give one mask, and another seed another.",
    "same_mask": "The gradient must go through the mask that the forward pass shows.",
    "dropped": "The hidden units are read off the gradients of the last layer, and their mask "
    "from the units with and without dropout.",
    "usable": "Every output must be made of finite numbers.",
}
