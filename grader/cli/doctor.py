"""``grader doctor``: what this machine can do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from grader.cli import DONE
from grader.cli.terminal import folder, problems, say

if TYPE_CHECKING:
    from grader.classroom.machine import DataFolder
    from grader.model.assignment import Data
    from grader.sandbox.diagnostics import Survey


def run(arguments: argparse.Namespace) -> int:
    """Print the isolation levels with their times, the mechanisms, versions and data."""
    from grader.classroom import machine
    from grader.sandbox import survey

    if not arguments.quiet:
        say("trying each isolation level; this takes a few seconds")
    with problems():
        data = _data(arguments)
        lines = _isolation(survey())
        lines += ["", "Versions"]
        lines += _table([(n, v or "not installed") for n, v in machine.versions().items()])
        if data:
            there = machine.data_folder(data)
            lines += ["", "Data", f"  {data.title}: {_found(data, there)}"]
    print("\n".join(lines))
    return DONE


def _data(arguments: argparse.Namespace) -> Data | None:
    from grader.key.sources import manifest
    from grader.model.assignment import ManifestError

    try:
        place = folder(arguments.assignment)
    except ManifestError:
        return None  # what the machine can do is the same for every assignment
    return manifest(place).data


def _isolation(survey: Survey) -> list[str]:
    from grader.sandbox.protocol.levels import CONFINED

    lines = [f"Isolation: {survey.level}"]
    if survey.level not in CONFINED:
        lines.append("  It holds nothing back: check your own work only (--allow-unsandboxed).")
    if survey.next:
        lines.append(f"  The next level would take: {survey.next}")
    lines += ["", "Levels, strongest first"]
    lines += _table(
        [
            (
                level.name,
                f"holds: {level.start_ms:.0f} ms to start, {level.submission_ms:.1f} a submission"
                if level.holds
                else f"no: {level.detail}",
            )
            for level in survey.levels
        ]
    )
    lines += ["", "Mechanisms"]
    lines += _table(
        [
            (mechanism.name, f"{'yes' if mechanism.works else 'no'}: {mechanism.detail}")
            for mechanism in survey.mechanisms
        ]
    )
    return lines


def _found(data: Data, there: DataFolder) -> str:
    if not there.missing:
        return f"in {there.folder}"
    if len(there.missing) == len(data.files):
        return (
            f"not in {there.folder}; the notebooks use a stand-in. Put it there, or name its "
            f"folder in {data.variable}"
        )
    return f"{there.folder} lacks {', '.join(there.missing)}: download it again"


def _table(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {text}" for name, text in rows]
