"""``grader check``: one's own work, judged as the grade judges it, on public examples."""

from __future__ import annotations

import argparse

from grader.cli import DONE, FAILED
from grader.cli.terminal import folder, problems, say
from grader.model.problem import Problem
from grader.wording.labels import count


def run(arguments: argparse.Namespace) -> int:
    """Check the work in this folder; print what fails with its smallest example."""
    from grader.selfcheck.examples import ExampleFiles
    from grader.selfcheck.page import question_lines, together, wrapped
    from grader.selfcheck.search import Budget
    from grader.selfcheck.work import Opened, own_folder

    if arguments.examples < 1:
        raise Problem("--examples must be at least 1: how many inputs each check searches through")
    with problems():
        place = folder(arguments.assignment)
        with Opened(place, own_folder(place)) as work:
            code, other = work.named(arguments.questions)
            if not arguments.quiet:
                say(f"checking {work.source} (isolation: {work.level})")
                for note in work.notes:
                    say(note)
            shorten = ExampleFiles(work.folder).shortened
            found, said = [], set[str]()
            for checked in work.check(code, Budget(examples=arguments.examples)):
                found.append(checked)
                title = work.assignment.question(checked.id).title
                if lines := question_lines(checked, title, said, shorten):
                    print(lines, flush=True)
            for word, sentence in together(found):
                print(wrapped(word, sentence))
            ready = work.prepared(other)
            for line in ready:
                print(wrapped(line.word, line.text))
    failed = sum(len(checked.failed) for checked in found)
    if any(checked.state == "passed" for checked in found) and not arguments.quiet:
        say(work.meaning)
    if failed:
        say(f"{count(failed, 'check')} failed")
    undone = any(checked.state != "passed" for checked in found)
    # What is still to be written in a notebook is no failure, unless it was asked for.
    asked = bool(arguments.questions) and any(line.undone for line in ready)
    return FAILED if undone or asked else DONE
