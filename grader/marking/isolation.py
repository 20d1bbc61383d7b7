"""Fault isolation: a submission again, with the failed functions replaced by the reference's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Self

from grader.key import Key
from grader.model.assignment import Limits
from grader.model.checks import Replaceable
from grader.sandbox import (
    Batch,
    Bounds,
    Fault,
    Package,
    Sandbox,
    Session,
    Spent,
    Terms,
    WallBudget,
    Withheld,
)

Parts = frozenset[Replaceable]


class PublicSession:
    """A process of one submission for what is shown of its failures, with all its text.

    It holds nothing hidden, and is started when the first thing fails.
    """

    def __init__(self, sandbox: Sandbox, package: Package, budget: WallBudget) -> None:
        self._sandbox, self._package, self._budget = sandbox, package, budget
        self._started: Session | None = None

    def session(self) -> Session:
        """Return the session. Raises :class:`~grader.sandbox.errors.Fault`."""
        if self._started is None:
            self._started = self._sandbox.start(self._package, budget=self._budget, bare=True)
        return self._started

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that it used; known once it is closed."""
        return self._started.usage.cpu_seconds if self._started is not None else 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._started is not None:
            self._started.close()


class Isolation:
    """Sessions of one submission, each with some of its questions' functions replaced.

    *reference* is the course's own package, *parts* are the functions by question. Each session is
    a fresh process with a reference session of its own; they are kept until the end. *limits* and
    *bounds* (of what may be asked of the reference) are other than the sandbox's own.
    *sealed_answers* gives, by function, the reference's answers that are known beforehand.
    *budget* is the wall time that all sessions of the submission share. *withheld* gives, for
    replaced functions, the inputs that the reference gives no answer to.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        package: Package,
        reference: Package,
        parts: Mapping[str, tuple[Replaceable, ...]],
        limits: Limits | None = None,
        bounds: Bounds | None = None,
        sealed_answers: Callable[[], Mapping[str, bytes]] = dict,
        budget: WallBudget | None = None,
        withheld: Callable[[Parts], Withheld] = lambda parts: Withheld(),
    ) -> None:
        self._sandbox, self._package = sandbox, package
        self._reference, self._parts = reference, parts
        self._limits, self._bounds, self._sealed_answers = limits, bounds, sealed_answers
        self._budget, self._withheld, self._spent = budget, withheld, Spent()
        self._sessions: dict[tuple[Parts, bool], Session] = {}
        self._open = ExitStack()

    def session(self, failed: Collection[str], *, public: bool = False) -> Session:
        """Return a session in which the functions of the *failed* questions are right.

        A *public* one is another process, for what is shown of a failure: it holds nothing hidden.
        Raises :class:`~grader.sandbox.errors.Fault` where its process can't be started.
        """
        parts = frozenset(part for question in failed for part in self._parts[question])
        if (parts, public) not in self._sessions:
            ordered = sorted(parts, key=lambda part: part.target)
            terms = Terms(self._bounds or Bounds(), self._spent, self._withheld(parts))
            reference_session = self._open.enter_context(
                self._sandbox.reference_session(self._reference, ordered, terms)
            )
            sealed_answers = self._sealed_answers()
            package = replace(
                self._package,
                replaced=by_module(reference_session.targets),
                sealed=b"".join(
                    sealed_answers.get(target, b"") for target in reference_session.targets
                ),
            )
            session = self._sandbox.start(package, reference_session, self._limits, self._budget)
            self._sessions[parts, public] = self._open.enter_context(session)
        return self._sessions[parts, public]

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that the sessions used; known once they are closed."""
        return sum(session.usage.cpu_seconds for session in self._sessions.values())

    @property
    def reference_cpu_seconds(self) -> float:
        """CPU seconds that the reference has used so far for its answers."""
        return self._spent.cpu_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


def withheld_inputs(key: Key) -> Callable[[Parts], Withheld]:
    """Return what gives, for replaced functions, the hidden inputs of the questions about them."""

    @cache
    def withheld(parts: Parts) -> Withheld:
        about = {question for question, own in key.parts.items() if parts & set(own)}
        runs = {
            check.run
            for question in about
            for check in key.by_question.get(question, ())
            if check.visibility == "hidden"
        }
        return Withheld(example for run in runs for example in key.sheets[run].run.examples)

    return withheld


def by_module(targets: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of *targets* (``module:name``) by module."""
    found: dict[str, list[str]] = {}
    for target in targets:
        module, _, name = target.partition(":")
        found.setdefault(module, []).append(name)
    return {module: tuple(names) for module, names in found.items()}


def prefill_answers(
    sandbox: Sandbox, reference: Package, parts: Collection[Replaceable], batches: Sequence[Batch]
) -> Mapping[str, bytes]:
    """Return, by function, the sealed answers of the reference's *parts* in *batches*.

    There are none where its process can't be started: what isn't in the cache is asked.
    """
    handles = {part.target: part.handle for part in parts}
    package = replace(reference, replaced=by_module(handles), prefilled=handles)
    try:
        with sandbox.start(package) as session:
            for batch in batches:
                session.ask(batch)
            return session.sealed_answers()
    except Fault:
        return {}
