"""No change of the OpenAPI document breaks a REST client without a finding that says so.

The judge (`rest_judge.py`) compares the two documents and knows nothing of descriptors.
`WIREPROOF_SOUNDNESS=100000` looks harder than the default, `WIREPROOF_SEED=N` begins elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.rules.random_edits import edited
from tests.rules.random_files import copied, settle
from tests.rules.random_rest import BESIDE, edit, random_rest
from tests.rules.random_sets import Files, linked
from tests.rules.rest_judge import Document, breaks
from tests.rules.test_soundness import BUDGET, CHUNKS, FIRST
from wireproof.finding import Breaks
from wireproof.openapi import openapi
from wireproof.rules import compare
from wireproof.schema.schema import Schema
from wireproof.values.check import UnusableRules

TRIES = 2


def pairs(chunk: int) -> Iterator[tuple[str, Schema, Schema]]:
    for seed in range(FIRST + chunk, FIRST + BUDGET, CHUNKS):
        rng = random.Random(seed)
        files = [random_rest(rng)]
        if old := linked(files, BESIDE):
            for _ in range(TRIES):
                others, what = _edited(files, rng)
                if others != files and (new := linked(others, BESIDE)):
                    yield f"seed {seed} ({what})", old, new


def _edited(files: Files, rng: random.Random) -> tuple[Files, str]:
    if rng.random() < 0.4:
        return edited(files, rng)
    other = copied(files[0])
    what = edit(other, rng)
    settle(other)
    return [other], what


def _told(old: Schema, new: Schema) -> list[str]:
    """What breaks by the documents; nothing where rules are none, and there is no document."""
    try:
        documents = Document(openapi(old).content), Document(openapi(new).content)
    except UnusableRules:
        return []
    return [*breaks(*documents)]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_breaks_by_the_documents_is_found(chunk: int) -> None:
    """
    A client that the new document fails is named by some finding.
    """
    missed, broken = [], 0
    for what, old, new in pairs(chunk):
        if told := _told(old, new):
            broken += 1
            found = compare(old, new, engines=("wireproof",)).findings
            if not any(Breaks.REST in finding.breaks for finding in found):
                missed.append(f"{what}: {told[:2]}, found {[str(f.id) for f in found]}")
    assert missed == []
    assert broken > BUDGET / CHUNKS / 8
