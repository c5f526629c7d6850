"""Rules over other options: deprecation, redaction, and what policy marks as a promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wireproof.changes import kinds
from wireproof.finding import Breaks, Severity
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule

_OLD = frozenset({Breaks.OLD_CLIENT})
_SUCCESSOR = re.compile(
    r"\b(use|using|prefer|instead|see|replac\w*|supersed\w*|succeed\w*|successor|migrat\w*|"
    r"moved|in favou?r of|renamed|switch)\b",
    re.I,
)
_SUNSET = re.compile(
    r"\b(20\d\d\b|sunset\w*|remov\w+ (in|on|by|after|with)\b|until\b|end[- ]of[- ]life|"
    r"will be (removed|deleted|dropped))",
    re.I,
)
_UNSHOWN = "It breaks nothing today."


def deprecated(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    """Said to be going: where the comment tells neither what to use nor until when, a warning."""
    if change.name != "deprecated" or change.found != "true":
        return
    comment = comment_of(change.new)
    told = comment is None or tells_where_to_go(comment)
    yield Break(
        promised="in use",
        found="deprecated",
        because="" if told else ", and no comment says what to use instead or until when",
        promise=Flow.OLD_TO_NEW,
        hits=frozenset({Breaks.SOURCE}),
        severity=Severity.INFO if told else Severity.WARNING,
    )


def tells_where_to_go(comment: str) -> bool:
    """Whether a comment says what to use instead, or until when."""
    return bool(_SUCCESSOR.search(comment) or _SUNSET.search(comment))


def comment_of(element: Any) -> str | None:
    """What stands above and behind the element; None where the schema holds no comments at all."""
    file = element.file
    places = file.schema.by_name[file.name].source_info.location
    if not places:
        return None
    path = list(element.path)
    texts = (
        f"{place.leading_comments} {place.trailing_comments}"
        for place in places
        if list(place.path) == path
    )
    return " ".join(texts)


def redaction_dropped(change: kinds.OptionChanged, _: Context) -> Iterator[Break]:
    if change.name == "debug_redact" and change.promised == "true":
        yield Break(promised="redacted", found="shown in clear", promise=Flow.OLD_TO_NEW, hits=_OLD)


def promise_changed(
    change: kinds.OptionChanged | kinds.CustomOptionChanged, context: Context
) -> Iterator[Break]:
    if change.name in context.promises:
        yield Break(
            promised=f"{change.name} = {change.promised}",
            found=f"{change.name} = {change.found}",
            promise=Flow.OLD_TO_NEW,
            hits=_OLD,
        )


RULES: tuple[Rule, ...] = (
    Rule(
        id="DEPRECATED",
        on=(kinds.OptionChanged,),
        check=deprecated,
        says="{subject} is {found}{because}",
        why="Whoever uses it has to know where to go, and by when.",
        fix="Say in its comment what replaces it, and when it will be removed.",
        unshown=_UNSHOWN,
    ),
    Rule(
        id="REDACTION_DROPPED",
        on=(kinds.OptionChanged,),
        check=redaction_dropped,
        says="{subject} was {promised} in logs, and is {found}",
        why="What was given in confidence appears in debug output from now on.",
        fix="Keep debug_redact.",
        unshown="It shows in logs, not in a message.",
    ),
    Rule(
        id="MARKED_OPTION_CHANGED",
        on=(kinds.OptionChanged, kinds.CustomOptionChanged),
        check=promise_changed,
        says="{subject} changed what policy marks as a promise: {promised} became {found}",
        why="Policy says that others rely on this option.",
        fix="Keep the option as it was, or agree with those who rely on it.",
        unshown="What the option promises is known to its owners only.",
    ),
)
