"""A project's own file: rows and functions take effect, and every mistake is one sentence."""

import pytest

from tests.testing.asked import patient
from tests.testing.zoo import open_zoo
from wireproof.errors import MalformedFile, UnknownName
from wireproof.testing import Phase, run_tests
from wireproof.testing.project import load

BOUGHT = """
from hypothesis import strategies as st
from wireproof.checks import Check
from wireproof.exchange import Exchange
from wireproof.finding import Breach

seen = []

def bought(x):
    for beast in x.requests():
        asked = x.method.name == "AddBeast" and beast.HasField("beast")
        if asked and beast.beast.kind not in ("lion", "owl"):
            yield Breach(x.method.full_name, "a lion or an owl", beast.beast.kind)

CHECKS = (Check(id="BOUGHT", on=Exchange, check=bought, says="{subject} {promised} {found}",
                why="We buy these.", fix="Buy another.", source="our shop"),)
"""
KINDS = 'STRATEGIES = {"zoo.Beast.kind": st.sampled_from(["lion", "owl"])}\n'
HOOKS = """
def metadata(method):
    return {"x-method": method}

def before_call(method, messages):
    seen.append(("before", method, len(messages)))

def after_call(x):
    seen.append(("after", x.method.full_name, dict(x.script.secret)["x-method"]))
    print(*seen[-2:], file=open(__file__ + ".log", "a"))
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "wireproof_checks.py"
        path.write_text(text)
        return path

    return write


def run(path, **asked):
    asked = {"phases": (Phase.EXAMPLES, Phase.COVERAGE), "max_calls": 60, **asked}
    with open_zoo() as (address, schema):
        return run_tests(address, schema, patient(project=load(path), **asked))


def test_an_own_check_judges_every_call(file):
    """
    It stands beside ours: its finding looks like any other.
    """
    report = run(file(BOUGHT))
    assert [f.id for f in report.findings] == ["BOUGHT"]


def test_an_own_strategy_says_which_values_are_real(file):
    """
    Whatever is meant to be valid takes them; what the wire phase sends, nobody means.
    """
    meant = tuple(phase for phase in Phase if phase is not Phase.WIRE)
    report = run(file(BOUGHT + KINDS), phases=meant, max_calls=250)
    assert (report.findings, report.untested, report.stopped) == ((), (), "")


def test_hooks_run_around_every_call_and_add_metadata(file):
    """
    The metadata is the call's, and no report shows it.
    """
    path = file(BOUGHT + KINDS + HOOKS)
    report = run(path, max_calls=5)
    lines = path.with_name(path.name + ".log").read_text().splitlines()
    assert len(lines) == report.calls == 5
    assert (
        lines[0]
        == "('before', 'zoo.Zoo.AddBeast', 1) ('after', 'zoo.Zoo.AddBeast', 'zoo.Zoo.AddBeast')"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = (", r"wireproof_checks.py:1: it does not run: SyntaxError"),
        ("\n\nimport nothing_like_it", r"wireproof_checks.py:3: it does not run: ModuleNotFound"),
        ("x = 1", "it defines none of CHECKS, STRATEGIES, CREDENTIALS"),
        ("CHECKS = ()\nCREDENTIAL = {}", "no table or hook 'CREDENTIAL'; did you mean CREDENTIALS"),
        ("CHECKS = [1]", r"CHECKS must be a tuple of Check"),
        ("STRATEGIES = {'a.B': 1}", r"STRATEGIES\['a.B'\] must be a strategy"),
        ("CREDENTIALS = {'calller': 'a: b'}", "no caller 'calller'; did you mean caller"),
        ("metadata = 1", "metadata must be a function"),
        (BOUGHT.replace('"BOUGHT"', '"SERVER_FAULT"'), "the id SERVER_FAULT is taken"),
    ],
)
def test_a_broken_file_is_one_sentence(file, text, reason):
    """
    What, where, and the names that are known.
    """
    with pytest.raises(MalformedFile, match=reason):
        load(file(text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    """
    The path that was given, as it was given.
    """
    with pytest.raises(MalformedFile, match=r"none\.py: no such file"):
        load(tmp_path / "none.py")


def test_a_strategy_for_an_unknown_field_is_told_with_the_known_ones(file):
    """
    A renamed field must not turn a strategy off without a word.
    """
    with pytest.raises(UnknownName, match=r"'zoo.Beast.kin'; did you mean zoo.Beast.kind"):
        run(file(BOUGHT + KINDS.replace("Beast.kind", "Beast.kin")))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "def before_call(method, messages):\n    raise RuntimeError('no')",
            r":2: before_call fail",
        ),
        ("def metadata(method):\n    return 7", "metadata failed: it must be"),
    ],
)
def test_a_function_that_fails_ends_the_run(file, text, reason):
    """
    The run could not go on; what was found by then is still told.
    """
    report = run(file(text))
    assert reason in report.stopped
