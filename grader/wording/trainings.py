"""Every sentence about a training question: what was found, and why a model falls short."""

from __future__ import annotations

from collections.abc import Mapping

#: What is said of a training question, by what was found.
TRAINING: Mapping[str, str] = {
    "no_notebook": "Hand in {notebook}.ipynb beside the package: this question is answered there.",
    "no_cell": "Keep the answer to this question in its own cell of {notebook}.ipynb: the grader "
    "could not find that cell.",
    "turned": "Make cell {cell} of {notebook}.ipynb a code cell again: it holds the answer to this "
    "question as text, and text is not run.",
    "unplaced": "{notebook}.ipynb is of another edition, and the cell that answers this question "
    "was not found in it: a person looks for it.",
    "untouched": "Write your answer into this question's cell: it is as it was given out.",
    "reached": "The model that this cell trains reaches {accuracy:.1%} on {measure}.",
    "saved": "The model in {file} reaches {accuracy:.1%} on {measure}.",
    "part": "Train further, or with other values: the model reaches {accuracy:.1%} on {measure}, "
    "and {reach:.0%} is asked.",
    "missed": "Trained anew on a small set of {noun}, the model reaches "
    "{accuracy:.1%} on {measure}, and {reach:.0%} was to be expected there.",
    "depth": "Train a model of {asked} layers: this one has {layers}.",
    "no_network": "Keep a trained network in {names}: what is there holds no parameters of one.",
    "other_model": "The model's own scores reach {accuracy:.1%} on {measure}. They are not those "
    "of a fully-connected network with its parameters, so a person judges it.",
    "no_history": "Keep the solver that trains the model: it reaches {accuracy:.1%} on {measure}, "
    "and without a history nothing shows within how many epochs.",
    "late": "Choose values with which the model learns faster: its training accuracy reaches "
    "{reach:.0%} only after more than {epochs} epochs.",
    "cut": "Training was cut after {seconds:g} s; the model so far "
    "reaches {accuracy:.1%} on {measure}, and {reach:.0%} is asked.",
    "timed_out": "Training did not finish within {seconds:g} s, and left no model to measure.",
    "order": "The cell uses a name that no cell before it defines. {text}",
    "builds_on": "This builds on {functions}, which failed: what the cell itself is worth "
    "does not show.",
    "not_written": "Write {functions} first: this cell trains what they compute.",
    "prepared": "The model was trained on other {noun} than the notebook's, which are prepared "
    "already. On {measure} it reaches {accuracy:.1%}, so a person judges it.",
    "none": "Keep the trained model in {names}: {name} is None after this cell.",
    "earlier": "Train this question's model in its own cell: what {name} holds was there before.",
    "elsewhere": "What {name} holds was trained in another cell than this question's own, so a "
    "person judges it.",
    "no_model": "Keep the trained model in {names}: after this cell, no variable of that name "
    "holds one.",
    "no_scores": "Return {form} from {method}: what came was {got}.",
    "raised": "Look at {where}: it raised {type}. {text}",
    "out_of_memory": "Train with less memory than {memory} MB: the process ran out of it.",
    "died": "Look at how this cell ends: its process stopped before it had trained. {text}",
    "refused": "Leave out what numpy doesn't offer: {text}",
}
#: Why a model falls short, said ahead of the sentences :data:`EXPLAINED`.
FALLS_SHORT: Mapping[str, str] = {
    "untrained": "Train the model: its solver has taken no step.",
    "diverged": "Lower the learning rate or the scale of the first weights: the loss of step "
    "{step} is not a finite number{rate}.",
    "better": "Keep the best model in {names}: another one that this cell trained reached "
    "{better:.1%} on the validation {noun}, and the one kept {kept:.1%}.",
    "chance": "Change the learning rate or the scale of the first weights: the loss stayed near "
    "that of guessing, {chance:.2f}, from the first step to the last.",
}
RATE = ", with a learning rate of {rate:.3g}"
EXPLAINED = frozenset(("missed", "part"))
#: What trials of a training have shown, said ahead of the sentences :data:`TRIED`.
TRIALS: Mapping[str, str] = {
    "argument": "Look at {argument} first: trained on a small set of {noun} by the course's own "
    "code, a model with these arguments reaches {own} on {measure}, and {reached} with another "
    "{argument} and all else as it is.",
    "arguments": "Choose other arguments for the model and the solver: on a small set of {noun} "
    "the course's own code, too, reaches {own} with these, on {measure}.",
    "part": "Look at {functions} first: on a small set of {noun} this training reaches {reached} "
    "on {measure} with the course's {functions} in place of yours.",
    "few": "Look at {functions} first: trained on {count} {noun} alone, the model classifies {own} "
    "of them rightly, and {reached} with the course's {functions} in place of yours.",
    "code": "Look at the code that this training runs, not at its arguments: on a small set of "
    "{noun} the course's own code reaches {reached} with them, on {measure}.",
}
TRIED = frozenset(("missed", "part", "builds_on"))
#: For the instructor alone.
TRAINED_ON = "Trained on {count} of the {noun} that are there to validate or to test."
MEASURES: Mapping[str, str] = {
    "hidden": "{noun} that it has not seen",
    "full": "the validation {noun} and, mirrored and shifted, the test {noun}",
    "first": "the {count} training {noun}",
}
#: What a model is to answer, by the manifest's word for it.
FORMS: Mapping[str, str] = {
    "scores": "scores of shape (N, classes)",
    "classes": "a class for each input, of shape (N,)",
    "values": "a number for each input, of shape (N,)",
}
ACCURACY = "The accuracy of the trained model"
NO_FIT = "it does not reach what is asked on the images here"
STAND_IN = (
    "it was trained on the {noun} that come with the assignment, whose classes look otherwise than "
    "those here. The cell is trained in its place"
)
PICKLED = (
    "it holds a pickled object, and a pickle is never loaded. Save the arrays by name, with "
    "np.savez, as the notebook's own cell does"
)
NO_MODEL = "no model could be made of it ({type})"
#: Short facts beside them.
SHOWN = "The notebook shows: {text}"
PRINTED = "The cell printed last: {text}"
OTHER_FILE = "{file} was not taken: {why}"
SEARCH_CUT = "Training was cut after {seconds:g} s; the model so far was measured."
ENDED_EARLY = (
    "The training was ended where it had reached {enough:.0%} on the validation {noun}, which is "
    "enough: to its end, it may reach more."
)
IN_KERNEL = "The whole notebook ran in a Jupyter kernel, from its top down to this answer."
NOT_IN_KERNEL = (
    "In the kernel this answer did not run to its end, so its cells ran again by themselves."
)
RAISED_AFTER = "After the training, {where} raised {type}; it costs nothing."
OTHER_SEEDS = "Of {count} runs with different seeds, the best counts."
