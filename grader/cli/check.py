"""``grader check``: the public checks on one's own work, with Hypothesis live."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.cli import DONE, FAILED
from grader.cli.terminal import folder, problems, say
from grader.model.problem import Problem


def run(arguments: argparse.Namespace) -> int:
    """Check the work in this folder; print what fails with its smallest example."""
    from grader.selfcheck.page import check_lines
    from grader.selfcheck.search import Budget
    from grader.selfcheck.work import Opened

    with problems():
        place = folder(arguments.assignment)
        with Opened(place, Path.cwd()) as work:
            unknown = sorted(set(arguments.questions) - set(work.questions))
            if unknown:
                unchecked = {question.id for question in work.assignment.questions}
                why = (
                    f"{', '.join(unknown)} can't be checked here, only graded"
                    if unchecked.issuperset(unknown)
                    else f"there is no question {', '.join(unknown)}"
                )
                raise Problem(f"{why}: choose from {', '.join(work.questions)}")
            asked = arguments.questions or work.questions
            if not arguments.quiet:
                say(f"checking {work.source} (isolation: {work.level})")
                for note in work.notes:
                    say(note)
            failed, said = 0, set[str]()
            for result in work.check(asked, Budget(examples=arguments.examples)):
                failed += result.status != "passed"
                print(check_lines(result.to_json(), said), flush=True)
    if failed:
        say(f"{failed} check{'s' if failed > 1 else ''} failed")
    return FAILED if failed else DONE
