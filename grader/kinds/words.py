"""What the engine's own kinds say: what each judge does, a sentence and a hint for each property.

By judge. A judge reports a property by its name; the words for it stand here, apart from what
finds it. A course's own kinds bring theirs (``WORDS`` in its ``checks/``).
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.checks import Words

LAYERS: Mapping[str, Words] = {
    "slope": Words(
        (
            "Inputs are moved a little to both sides along a random direction; the change of the "
            "student's own forward pass is compared with what the gradient says it is."
        ),
        properties={
            "forward_unusable": (
                "Mend the forward pass first: what it returns can't be compared with {output}."
            ),
        },
        hints={
            "forward_unusable": "Run the forward pass's own check and go by what it says.",
        },
    ),
    "linear": Words(
        (
            "The backward pass is called with dout zero, doubled and added up, and again with the "
            "same inputs: what must hold of any derivative is held against it."
        ),
        properties={
            "repeat": (
                "Look for state that one call leaves to the next: {call} gives {output} "
                "differently when it is called again with the same inputs."
            ),
            "zero_dout": (
                "Check for a term without dout: {call} gives {output} other than zero where dout "
                "is zero."
            ),
            "linear": "Check where dout enters {call}: {output} must grow in proportion to it.",
            "shape_varies": (
                "Check the shape of {output}: it differs between calls on inputs of one shape."
            ),
        },
        hints={
            "repeat": (
                "Look for a global, a default argument that is changed, or an input or cache that "
                "is written into."
            ),
            "zero_dout": (
                "Set dout to zero on paper: each term of a derivative holds dout as a factor, and "
                "one of yours does not."
            ),
            "linear": (
                "Count the factors of dout in each term: there is one in each, and no function "
                "such as a square or an absolute value is taken of it."
            ),
            "shape_varies": "Look for a squeeze, or an index that depends on the values.",
        },
    ),
}

NETWORKS: Mapping[str, Words] = {
    "initial": Words(
        (
            "First weights are read and their shapes, standard deviation, mean and dtype are "
            "looked at; biases must be zero, no two weights alike, and none may follow from those "
            "beside it."
        ),
        properties={
            "bias_not_zero": "Start the biases at zero: {output} does not.",
            "not_one": "Start {output} at one: it does not.",
            "mean": "Draw the first weights around zero: the mean of {output} is {mean:.3g}.",
            "weight_scale": (
                "Check the scale of the first weights: the standard deviation of {output} is "
                "{got:.3g}, and weight_scale is {expected:.3g}."
            ),
            "weights_alike": "Draw each weight for itself: many elements of {output} are equal.",
            "weights_ordered": (
                "Draw each weight for itself: elements of {output} that stand near each other "
                "are related."
            ),
        },
        hints={
            "bias_not_zero": (
                "Look at what each bias is made with, and whether something is added later."
            ),
            "not_one": (
                "Look at what each of them is made with: a scale that starts at zero hides what it "
                "scales."
            ),
            "mean": (
                "Print the smallest and the largest of the first weights: they lie about as far "
                "below zero as above it."
            ),
            "weight_scale": (
                "Print the standard deviation of your array for two values of weight_scale: it "
                "must double when the scale does."
            ),
            "weights_alike": "Look for one draw that is repeated, tiled or broadcast.",
            "weights_ordered": "Look for a sort, an arange, a linspace or a running sum.",
        },
    ),
    "part": Words(
        (
            "The gradients of some parameters are compared with the reference's: the norm of the "
            "difference may be at most 1e-9 of the arrays' own."
        ),
    ),
    "complete": Words(
        "Every parameter of the model must have a gradient of its size.",
        properties={
            "no_gradient": (
                "Give a gradient for each parameter: grads has none of the size of {parameter}."
            ),
        },
        hints={
            "no_gradient": (
                "Print the keys of params and of grads beside each other, with their shapes."
            ),
        },
    ),
}

DROPOUT_NETWORKS: Mapping[str, Words] = {
    "masked": Words(
        (
            "The functions that draw a mask and go back through it are answered for with given "
            "masks, so that loss and gradients can be compared with the reference's. A network "
            "that calls neither is judged by the masks that it draws itself."
        ),
        properties={
            "not_called": (
                "Drop units behind each hidden layer while training: no mask is asked for, and "
                "the gradients show none that is right."
            ),
            "calls": (
                "Drop units once behind each hidden layer while training: a mask is asked for "
                "{got} times in a network of {expected} hidden layers."
            ),
            "call_shape": (
                "Check where units are dropped: what a mask is asked for isn't the output of a "
                "hidden layer."
            ),
            "tests_in_training": (
                "Set the mode ahead of the forward pass: with labels, a mask is asked for in "
                "another mode than train."
            ),
            "calls_back": (
                "Go back through every layer of the forward pass: the backward pass of dropping "
                "units is called {got} times for {expected} masks."
            ),
        },
        hints={
            "not_called": (
                "Print the hidden units of one example twice, for two seeds: different ones are "
                "zero."
            ),
            "calls": (
                "Print at each call which layer it is for: hidden layers have one each, and the "
                "scores none."
            ),
            "call_shape": "Print the shape of what is handed over at each call.",
            "tests_in_training": "Print the mode at each call, with labels and without.",
            "calls_back": "Write down the layers of the forward pass, and read the list backwards.",
        },
    ),
    "called": Words(
        (
            "It is looked at with which probability and seed a network asks for its masks; a "
            "network that draws its own is judged by these."
        ),
        properties={
            "call_p": (
                "Use the network's own probability of keeping, {expected:.3g}: a mask is asked "
                "for with {got:.3g}."
            ),
            "call_seed": (
                "Use the seed that the network was made with: a mask is asked for with "
                "another, or with none."
            ),
        },
        hints={
            "call_p": "Print the option and what is handed over at each call.",
            "call_seed": "Print what is handed over at each call, and look for the seed in it.",
        },
    ),
    "tested": Words(
        "Scores are compared with the reference's, and units may not be dropped for them.",
        properties={
            "trains_in_test": (
                "Set the mode ahead of the forward pass: without labels, a mask is asked for in "
                "mode train."
            ),
        },
        hints={"trains_in_test": "Print the mode at each call, with labels and without."},
    ),
    "own": Words(
        (
            "The mask of each hidden layer is read from the gradients of one example; the loss "
            "and all gradients are worked out anew from these masks."
        ),
        properties={
            "gradient_vanishes": (
                "Check the gradients of the biases: they vanish where they should not."
            ),
        },
        hints={
            "gradient_vanishes": (
                "Print the scores and the hidden units of one example: where are they all zero?"
            ),
        },
    ),
}

DROPOUT: Mapping[str, Words] = {
    "mask": Words(
        (
            "Masks are read off the output, of several seeds: each value is zero or 1/p, the "
            "share that is kept is p, and no value goes with those beside it. Right draws fail "
            "less than once in a thousand million."
        ),
        properties={
            "nothing_dropped": "Drop some of the values while training: {call} changes none.",
            "all_dropped": "Keep values with probability p: {call} drops all of them.",
            "mask_scale": (
                "Scale what is kept by 1/p = {expected:.4g}: {call} scales it by {got:.4g}."
            ),
            "keep_rate": (
                "Keep each value with probability p = {expected:.3g}: {call} keeps a share of "
                "{got:.3g}."
            ),
            "rows_alike": "Draw a mask of the shape of x: every row of {output} is dropped alike.",
            "columns_alike": (
                "Draw a mask of the shape of x: each row of {output} is dropped or kept as a whole."
            ),
            "patterned": (
                "Draw each value of the mask for itself: what is dropped of {output} goes by a "
                "pattern."
            ),
            "same_share": (
                "Draw each value of the mask for itself: {call} keeps one and the same number of "
                "values, whatever the seed."
            ),
        },
        hints={
            "nothing_dropped": (
                "Print the mask: which of its elements are zero, and where is it multiplied in?"
            ),
            "all_dropped": (
                "Print the mask and the share of its elements that are not zero; compare that "
                "with p."
            ),
            "mask_scale": (
                "Ask what the mean of the output over many draws must be for test mode to need no "
                "change, and which factor makes it so."
            ),
            "keep_rate": (
                "Compare the direction of the comparison in the mask with what p means in the "
                "docstring."
            ),
            "rows_alike": "Print the shape that the random numbers are drawn in.",
            "columns_alike": "Print the shape that the random numbers are drawn in.",
            "patterned": "Print the mask of a small array: are there stripes, or a chessboard?",
            "same_share": "Count what is kept of one array for several seeds: must it be the same?",
        },
    ),
    "seeded": Words(
        "Two calls with one seed must give one mask, and other seeds masks of their own.",
        properties={
            "seed_ignored": (
                "Seed numpy's generator where a seed is given: two calls with one seed differ."
            ),
            "seed_fixed": "Use the seed that is given: two different seeds give the same mask.",
        },
        hints={
            "seed_ignored": (
                "See that the seed is set ahead of the draw, in every call, from the parameters "
                "that the call gets."
            ),
            "seed_fixed": "Look for a seed that is written into the code.",
        },
    ),
    "same_mask": Words(
        "The gradient must go through the mask that the forward pass shows.",
        properties={
            "mask_ignored": (
                "Use the mask of the forward pass: {output} is not zero where the forward pass "
                "dropped a value."
            ),
            "other_mask": (
                "Use the mask of the forward pass: {output} is zero at other places than those "
                "that it dropped."
            ),
        },
        hints={
            "mask_ignored": "Print what the cache holds and what of it the backward pass uses.",
            "other_mask": (
                "Look for a second draw: the backward pass takes its mask from the cache."
            ),
        },
    ),
}

ARRAYS: Mapping[str, Words] = {
    "match": Words(
        (
            "Every output is compared with the reference's: the norm of the difference may be at "
            "most 1e-9 of the arrays' own."
        ),
    ),
    "published": Words(
        (
            "Every output is compared with the notebook's figures: the element-wise relative error "
            "may be at most the notebook's bound."
        ),
    ),
    "usable": Words(
        "Every output must be made of finite numbers.",
    ),
}

FUNCTION: Mapping[str, Words] = {
    "differences": Words(
        (
            "An argument is moved a little to both sides along a random direction; the change of "
            "the student's own function is compared with what the gradient says it is."
        ),
        properties={
            "loss_unusable": (
                "Return one finite number of a usual size for what {output} is the gradient of: no "
                "difference can be taken of what came."
            ),
        },
        hints={
            "loss_unusable": (
                "Print what the function returns for the example, and for inputs that are moved a "
                "little."
            ),
        },
    ),
    "related": Words(
        (
            "The function is called twice, on inputs that are related in a known way, and its "
            "outputs must be related as those of any right function are."
        ),
    ),
}
