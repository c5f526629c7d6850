"""A whole run against a server: nothing on a healthy one, the fault on a faulty one."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from tests.testing.asked import patient
from tests.testing.zoo import Zoo, open_zoo, refuse
from wireproof.checks import Profile
from wireproof.errors import UnknownName, UnreachableTarget, UnreadableSource
from wireproof.schema.schema import Schema
from wireproof.testing import Options, Phase, TestReport, run_tests

BOTH = (Profile.GRPC, Profile.AIP)


def outcome(kind: type[Zoo] = Zoo, **asked: Any) -> TestReport:
    asked = {"profiles": BOTH, "phases": (Phase.EXAMPLES, Phase.STATEFUL), **asked}
    with open_zoo(kind) as (address, schema):
        return run_tests(address, schema, patient(**asked))


def found(report: TestReport) -> set[tuple[str, str]]:
    return {(f.id, f.subject.rsplit(".", 1)[1]) for f in report.findings}


class Broken(Zoo):
    """INTERNAL where NOT_FOUND is owed."""

    def fetch_beast(self, request, context):
        if request.tag not in self.beasts:
            refuse(context, grpc.StatusCode.INTERNAL, "it broke")
        return super().fetch_beast(request, context)


class Maskless(Zoo):
    """An update writes whatever it is given."""

    def modify_beast(self, request, context):
        if "no_such_field_anywhere" not in request.only.paths:
            request.only.Clear()
        return super().modify_beast(request, context)


class Skipping(Zoo):
    """The first beast of every further page is left out."""

    def search_beasts(self, request, context):
        reply: Any = super().search_beasts(request, context)
        if request.cursor and reply.beasts:
            del reply.beasts[0]
        return reply


class Undying(Zoo):
    """Nothing is ever removed."""

    def remove_beast(self, request, context):
        self._of(request.tag, context)
        return self.kinds["Done"]()


class Moody(Zoo):
    """Broken once, then never again."""

    broken = False

    def fetch_beast(self, request, context):
        if not self.broken:
            self.broken = True
            refuse(context, grpc.StatusCode.INTERNAL, "it broke")
        return super().fetch_beast(request, context)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_found_on_a_healthy_server(seed):
    """
    Every phase, both profiles, each method answered OK.
    """
    report = outcome(phases=tuple(Phase), seed=seed, max_calls=400)
    assert (report.findings, report.untested, report.stopped) == ((), (), "")


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        (Broken, ("SERVER_FAULT", "FetchBeast")),
        (Maskless, ("MASK_LIMITS_UPDATE", "ModifyBeast: called")),
        (Skipping, ("PAGES_COMPLETE", "SearchBeasts")),
        (Undying, ("DELETE_REMOVES", "RemoveBeast")),
    ],
)
def test_a_fault_is_found_under_any_name(kind, finding):
    """
    Nothing hangs on a particular noun, nor on annotations.
    """
    assert finding in found(outcome(kind))


def test_what_does_not_come_again_is_said_to_be_flaky():
    """
    A finding that nobody can see again is no finding like the others.
    """
    assert {f.id for f in outcome(Moody).findings} == {"FLAKY"}


def test_a_service_that_promised_nothing_is_held_to_grpc_alone():
    """
    Without annotations and without asking, the AIPs are not applied.
    """
    report = outcome(Undying, profiles=(Profile.GRPC,))
    assert "DELETE_REMOVES" not in {f.id for f in report.findings}


def test_the_same_seed_makes_the_same_calls():
    """
    A run can be repeated; how a server answers what is too large is a race of its own.
    """
    first, second = (outcome(seed=7, phases=tuple(Phase), max_calls=300) for _ in range(2))
    assert [(m.method, m.calls) for m in first.methods] == [
        (m.method, m.calls) for m in second.methods
    ]


def test_the_budget_of_calls_holds():
    """
    Where nothing is found, not one call more.
    """
    report = outcome(max_calls=25)
    assert (report.calls, report.spent) == (25, True)


def test_a_finding_carries_its_call_and_how_to_see_it_again(tmp_path):
    """
    The exchange as data, a file to replay, buf curl for one request.
    """
    with open_zoo(Broken) as (address, schema):
        phases = (Phase.EXAMPLES, Phase.STATEFUL)
        report = run_tests(address, schema, patient(replays=tmp_path, phases=phases))
    (finding,) = report.findings
    assert finding.exchange is not None
    assert finding.exchange["status"]["code"] == "INTERNAL"
    replay, curl = finding.reproduce
    assert str(next(tmp_path.iterdir())) in replay
    assert curl.startswith("buf curl ")


def test_away_from_loopback_only_what_has_no_side_effects_is_called():
    """
    Who names another's server must not change its data by accident.
    """
    from wireproof.testing.runner import select

    with open_zoo() as (_, schema):
        chosen = select(schema, Options(), loopback=False)
    assert (chosen.callable, len(chosen.withheld)) == ((), 5)


def test_a_name_that_the_schema_lacks_is_told_with_those_it_has():
    """
    A mistyped method tests nothing; that must show.
    """
    with pytest.raises(UnknownName, match="FetchBeast"):
        outcome(methods=("FechBeast",))


def test_a_schema_without_a_method_is_told_so():
    """
    A server may list a service that has none: nothing can be tested then.
    """
    with pytest.raises(UnreadableSource, match="no method"):
        run_tests("127.0.0.1:1", Schema(source="shop", own=frozenset()), Options())


def test_no_server_is_an_error_and_no_finding():
    """
    Nothing was tested, so nothing was found.
    """
    with open_zoo() as (_, schema), pytest.raises(UnreachableTarget):
        run_tests("127.0.0.1:1", schema, Options())


def test_a_server_without_the_methods_is_told_so():
    """
    UNIMPLEMENTED to everything is another schema, not a hundred findings.
    """

    class Empty(Zoo):
        pass

    for name in ("add", "fetch", "modify", "remove"):
        setattr(Empty, f"{name}_beast", _unimplemented)
    Empty.search_beasts = _unimplemented  # type: ignore[method-assign]
    report = outcome(Empty, phases=tuple(Phase))
    assert report.findings == ()
    assert "UNIMPLEMENTED" in report.stopped


def _unimplemented(self, request, context):
    refuse(context, grpc.StatusCode.UNIMPLEMENTED, "no such method")
