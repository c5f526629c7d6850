"""What newer clients send, and what no request could be made for."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message

from wireproof import values
from wireproof.checks.facts import Kind, plain
from wireproof.checks.observations import Observation
from wireproof.exchange import Method
from wireproof.testing.coverage import Coverage
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.trial import Run, Trial


def unfamiliar(session: Session, cover: Coverage) -> Iterator[Trial]:
    """A trial for each open enum field, with a number that the schema does not know.

    Nobody says how it must be answered, but that the server must not break. Last, what is left out
    is said.
    """
    method = cover.method
    for case in values.unknown_enums(session.schema, method.takes, base=cover.base):
        run = _strange(method, case.message, plain(case.path))
        yield Trial(Phase.COVERAGE, method, run, f"{case.path} of a newer schema")
    _say_gaps(session, method)


def _strange(method: Method, message: Message, path: str) -> Run:
    def run(session: Session) -> Iterator[Observation]:
        request = session.requests.adapted(message, frozenset({path}))
        session.call(method, request, kind=Kind.STRANGE, path=path)
        return iter(())

    return run


def _say_gaps(session: Session, method: Method) -> None:
    """Say for which rules neither solving nor searching found a message."""
    gaps = values.gaps(session.schema, method.takes)
    rules = [gap.goal for gap in gaps if gap.goal.kind is values.GoalKind.RULE]
    if rules:
        words = ", ".join(f"{goal.path or 'the message'} ({goal.aspect})" for goal in rules)
        session.note(method, f"no message was found for the rules of {words}")
