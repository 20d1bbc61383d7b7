"""What a model is made with is looked at afterwards: a change is noted, and costs nothing."""

from collections.abc import Callable

from grader.model.verdicts import SubmissionResult

NETWORKS = "classifiers/fc_net.py"
COUNT = "        self.num_layers = 1 + len(hidden_dims)\n"


def test_a_list_that_a_network_is_made_with_is_noted(
    mark_edited: Callable[..., SubmissionResult],
) -> None:
    """The sizes of the hidden layers belong to who made the list: said once for a question."""
    appends = "        hidden_dims.append(num_classes)\n        hidden_dims = hidden_dims[:-1]\n"
    result = mark_edited((NETWORKS, COUNT, COUNT + appends))
    assert result.score == result.max_score
    noted = {question.id: question.notes for question in result.questions if question.notes}
    assert set(noted) == {"fully-connected-net"}
    (note,) = noted["fully-connected-net"]
    assert note.startswith("FullyConnectedNet changes a list that it is made with.")
