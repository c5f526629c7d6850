"""Every check fires on a faulty server, run as a user would: one that cannot fail is none."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.testing import (
    bank,
    club,
    depot,
    faulty_greenhouse,
    faulty_inn,
    faulty_shapes,
    faulty_stream_shapes,
    faulty_vines_shapes,
    library,
)
from tests.testing.asked import patient
from tests.testing.chat import open_chat
from tests.testing.handmade import Bell, open_bell
from tests.testing.shapes import opened
from tests.testing.test_access_trials import CALLERS
from tests.testing.test_pace_trials import Polite
from tests.testing.vault import Vault, bearer, open_vault
from tests.testing.zoo import Zoo, open_zoo
from wireproof.checks import CHECKS, Profile
from wireproof.testing import Caller, Phase, TestReport, run_tests

ROOT = Path(__file__).parents[2]
ELSEWHERE = (
    *sorted((ROOT / "tests/testing").glob("test_*.py")),
    ROOT / "tests/cli/test_test_bad_input.py",
    ROOT / "contract_tests/faults/catalogue.py",
    ROOT / "contract_tests/faults/newer.py",
)
"""Where faults stand beside the checks that find them."""
NAMED = {name: Caller(bearer(id_), id=id_) for name, id_ in depot.NAMES.items()}
BOTH = (Profile.GRPC, Profile.AIP)
STATEFUL: dict[str, Any] = {"phases": (Phase.EXAMPLES, Phase.STATEFUL)}
COVERAGE: dict[str, Any] = {"phases": (Phase.EXAMPLES, Phase.COVERAGE)}
WIRE: dict[str, Any] = {"phases": (Phase.EXAMPLES, Phase.WIRE), "max_calls": 1500}
Open = Callable[..., AbstractContextManager[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Served:
    """A server, how it is opened, and how the tester is run at it."""

    kind: type[Any]
    opened: Open
    options: dict[str, Any]


def _zoo(kind: type[Any]) -> Served:
    return Served(kind, open_zoo, {**STATEFUL, "profiles": BOTH})


def _shape(kind: type[Any], options: dict[str, Any] = STATEFUL) -> Served:
    return Served(kind, opened, options)


def _safe(kind: type[Any]) -> Served:
    return _shape(kind, {**STATEFUL, "credentials": NAMED})


def _chat(kind: type[Any], **more: Any) -> Served:
    return Served(kind, open_chat, {**WIRE, **more})


def _bell(kind: type[Any]) -> Served:
    return Served(kind, open_bell, WIRE)


FAULTY = {
    "ERROR_INFO_PRESENT": _zoo(faulty_shapes.Unnamed),
    "NEGATIVE_PAGE_SIZE_REFUSED": _zoo(faulty_shapes.Backwards),
    "DELETE_AGAIN_NOT_FOUND": _zoo(faulty_shapes.Patient),
    "CREATE_DROPS_FIELD": _zoo(faulty_shapes.Kindless),
    "ANONYMOUS_IS_UNAUTHENTICATED": Served(
        faulty_shapes.Shy, open_vault, {**STATEFUL, "credentials": CALLERS, "profiles": BOTH}
    ),
    "REQUIRED_FIELD_ENFORCED": _shape(faulty_shapes.Undemanding),
    "VALID_ACCEPTED": _shape(faulty_shapes.Hyphenless, {**COVERAGE, "max_calls": 150}),
    "IDEMPOTENCY_KEY_BOUND": _shape(faulty_shapes.Forgetful),
    "VALIDATE_ONLY_CHANGES_NOTHING": _shape(faulty_shapes.Hasty),
    "IMMUTABLE_KEPT": _shape(faulty_shapes.Serial),
    "IMMUTABLE_CHANGE_INVALID": _shape(faulty_shapes.Vague),
    "TWICE_IS_ONCE": _shape(faulty_shapes.Stamping),
    "REPLY_KEEPS_RULES": _shape(faulty_shapes.Copying),
    "NOTHING_BEFORE_REFUSAL": _shape(faulty_stream_shapes.Eager, COVERAGE),
    "CREATED_IS_READ": _shape(faulty_vines_shapes.Shifty),
    "DELETED_IS_GONE": _shape(faulty_vines_shapes.Clinging),
    "PAGES_ADD_UP": _shape(faulty_vines_shapes.Stuttering),
    "UPDATED_AS_TOLD": _shape(faulty_vines_shapes.Boastful),
    "DELETED_NOT_LISTED": _shape(faulty_vines_shapes.Haunted),
    "FILTER_NARROWS": _shape(faulty_vines_shapes.Indiscriminate),
    "VALUE_COMES_BACK": _shape(faulty_vines_shapes.Rounding, COVERAGE),
    "ANSWERS_WHAT_IS_ASKED": _shape(faulty_vines_shapes.Misled),
    "TOTAL_IS_OF_ALL": _shape(faulty_vines_shapes.Shortsighted),
    "ABSENT_STAYS": _shape(faulty_shapes.Blanking),
    "STREAM_IS_COUNTED": _shape(faulty_stream_shapes.Shortchanging),
    "EACH_REQUEST_ANSWERED": _shape(faulty_stream_shapes.Disdaining),
    "KEY_GIVES_ONE": _shape(faulty_vines_shapes.Repetitive),
    "CREATE_REPLACES": _shape(faulty_vines_shapes.Careless),
    "NOTHING_IS_NO_THING": _shape(faulty_vines_shapes.Hollow),
    "CREDENTIALS_REQUIRED": _safe(faulty_shapes.Open),
    "PERMISSION_FIRST": _safe(faulty_shapes.Telling),
    "OTHERS_KEPT_OUT": _safe(faulty_shapes.Unlocked),
    "HALF_CLOSE_ENDS": _chat(faulty_stream_shapes.Endless, deadline=1.0),
    "SIZE_LIMIT_ON_EVERY_MESSAGE": _chat(faulty_stream_shapes.Wearied),
    "RATE_LIMIT_RECOVERS": _chat(faulty_stream_shapes.Grudging),
    "BINARY_METADATA_READ": _bell(faulty_stream_shapes.Padded),
    "ALIVE_AFTERWARDS": _bell(faulty_stream_shapes.Mortal),
    "DEADLINE_ENDS_CALL": _bell(faulty_stream_shapes.Timeless),
    "ONE_REPLY_AT_MOST": _bell(faulty_stream_shapes.Twofold),
    "ACTION_AS_TOLD": _shape(bank.Boasting),
    "ACTION_LEAVES_OTHERS": _shape(bank.Sweeping),
    "CALLS_ADD_UP": _shape(bank.Losing),
    "AMOUNT_MOVED": _shape(bank.Rounding),
    "TRANSFER_BALANCES": _shape(bank.Owing),
    "ONCE_AT_ONCE": _shape(bank.Doubling),
    "BATCH_READ_COMPLETE": _shape(bank.Skipping),
    "BATCH_READ_ORDER": _shape(library.Sorting),
    "BATCH_READ_OF_NOTHING": _shape(library.Lenient),
    "BATCH_CREATE_COMPLETE": _shape(library.Short),
    "BATCH_CREATE_ORDER": _shape(library.Backwards),
    "BATCH_CREATE_ATOMIC": _shape(library.Halving),
    "PARENT_MUST_EXIST": _shape(library.Rootless),
    "NO_ORPHANS": _shape(library.Abandoning),
    "FORCE_DELETES_CHILDREN": _shape(library.Ruthless),
    "UPDATE_REPLACES": _shape(library.Merging),
    "ETAG_MOVES": _shape(library.Steady),
    "UPDATE_TIME_MOVES": _shape(library.Timeless),
    "ACTION_LEAVES_REST": _shape(faulty_inn.Wiping),
    "EVENTS_IN_ORDER": _shape(faulty_inn.Jumbled),
    "CALL_COUNTED_AS_SENT": _shape(club.Moody),
    "COUNT_FITS_LIST": _shape(club.Swelling),
    "LIST_SHOWS_CHANGE": _shape(faulty_greenhouse.Dated),
    "KEY_IS_READ": _shape(faulty_inn.Keyless),
    "TOTAL_FITS_ITEMS": _shape(faulty_inn.Rebating),
}
"""Check → a server with one fault, which it must find."""

HEALTHY = (
    _zoo(Zoo),
    Served(Vault, open_vault, {**STATEFUL, "credentials": CALLERS, "profiles": BOTH}),
    _shape(depot.Desk),
    _shape(depot.Desk, {"max_calls": 1500}),
    _shape(faulty_stream_shapes.Dozing, COVERAGE),
    _safe(depot.Safe),
    _shape(depot.Safe, {"credentials": NAMED, "max_calls": 1500}),
    _shape(bank.Bank),
    _shape(bank.Bank, {"max_calls": 1500}),
    _shape(library.Library),
    _shape(library.Library, {"max_calls": 1500}),
    _shape(club.Club),
    _shape(club.Club, {"max_calls": 1500}),
    _chat(faulty_stream_shapes.Roomy),
    _chat(Polite),
    _bell(Bell),
)
"""What each faulty server is without its fault."""


def outcome(served: Served) -> TestReport:
    with served.opened(served.kind) as (address, schema):
        return run_tests(address, schema, patient(**served.options))


def _expected(path: Path) -> Iterator[str]:
    """The texts that a module of tests expects of a run: in its tables and its comparisons."""
    for node in ast.walk(ast.parse(path.read_text())):
        table = isinstance(node, ast.Call) and _called(node) in ("Fault", "parametrize")
        compared = isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.NotIn)
        if table or compared:
            inside = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
            yield from (part.value for part in inside if isinstance(part.value, str))


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


FIRING = {*FAULTY, *(text for path in ELSEWHERE for text in _expected(path))}


@pytest.mark.parametrize("id_", [check.id for check in CHECKS])
def test_some_faulty_server_makes_it_fire(id_):
    """
    Here, or in the tests of another part: a new check needs a server that breaks its promise.
    """
    assert id_ in FIRING


@pytest.mark.parametrize("id_", FAULTY)
def test_a_fault_is_found_by_its_check(id_):
    """
    Seen twice, as every finding that is not said to be flaky.
    """
    assert id_ in {finding.id for finding in outcome(FAULTY[id_]).findings}


def test_a_list_of_every_parent_s_things_is_no_narrow_one():
    """
    Told by the names alone, which are paths.
    """
    found = outcome(_shape(faulty_vines_shapes.Sprawling)).findings
    assert ("FILTER_NARROWS", "only") in {(f.id, f.promised.split()[0]) for f in found}


def test_a_list_that_begins_again_is_no_whole_one():
    """
    Its pages never end, so nobody knows what it holds.
    """
    found = outcome(_shape(faulty_vines_shapes.Circling)).findings
    assert ("PAGES_ADD_UP", "a last page") in {(f.id, f.promised) for f in found}


@pytest.mark.parametrize("served", HEALTHY, ids=lambda served: served.kind.__name__)
def test_nothing_is_found_without_the_fault(served):
    """
    The same servers, none of them faulty.
    """
    report = outcome(served)
    assert (report.findings, report.untested, report.stopped) == ((), (), "")
