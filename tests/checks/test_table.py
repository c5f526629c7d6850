"""The table of checks as a whole."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tools.checks_page import PAGE, page
from wireproof.checks import CHECKS, Check
from wireproof.finding import Severity
from wireproof.severities import DEFAULTS

IDS = [check.id for check in CHECKS]


def test_ids_are_unique():
    """
    Waivers and severities name checks by their ids.
    """
    assert [id_ for id_, count in Counter(IDS).items() if count > 1] == []


def test_the_page_lists_every_check_as_it_is():
    """
    `python -m tools.checks_page` was run after the last change of a row.
    """
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_why_and_fix_are_whole_sentences(check: Check[object]):
    """
    A finding says what it costs and what to do.
    """
    assert all(re.fullmatch(r"[A-Z].*\.", text) for text in (check.why, check.fix))


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_a_message_names_subject_promise_and_finding(check: Check[object]):
    """
    What happened is told in one sentence.
    """
    assert all(mark in check.says for mark in ("{subject}", "{promised}", "{found}"))


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_a_heuristic_is_a_warning_at_most(check: Check[object]):
    """
    What no specification fixes stops nobody by default.
    """
    if check.source == "heuristic":
        assert DEFAULTS[check.id] is not Severity.ERROR
    else:
        assert check.source
