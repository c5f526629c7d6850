"""The rules and categories that buf is shown."""

from __future__ import annotations

import re

from tests.buf_plugin.support import refused, responded, wrapped
from wireproof.buf_plugin.listing import listed, text
from wireproof.buf_plugin.messages import message
from wireproof.buf_plugin.offer import BREAKING, CATEGORIES, LINT, LISTING, offered
from wireproof.lint.table import RULES as LINT_RULES
from wireproof.rules.table import RULES
from wireproof.schema import breaking
from wireproof.severities import DEFAULTS

IDS = [rule.id for rule in RULES] + [rule.id for rule in LINT_RULES]
# Of buf's protocol.
_ID = re.compile(r"^[A-Z0-9][A-Z0-9_]*[A-Z0-9]$")
_PURPOSE = re.compile(r"^[A-Z].*[.]$")


def test_the_list_on_disk_is_the_table_of_rules():
    """
    Where it fails: run `python -m wireproof.buf_plugin.listing`.
    """
    assert LISTING.read_text(encoding="utf-8") == text()
    assert offered() == listed()


def test_every_rule_is_offered_once():
    """
    A rule is named in buf.yaml by its id behind our prefix.
    """
    ids = [one.id.removeprefix("WIREPROOF_") for one in offered()]
    assert sorted(ids) == sorted(IDS)


def test_buf_accepts_every_id_and_purpose():
    """
    Buf refuses a whole plugin for one id or purpose out of form.
    """
    for one in offered():
        assert _ID.match(one.id)
        assert _PURPOSE.match(one.purpose), one
        assert one.categories
    assert all(_ID.match(id_) and _PURPOSE.match(said) for id_, said in CATEGORIES.items())


def test_no_id_is_taken():
    """
    Rules and categories of buf, of ours and of other plugins share one name space.
    """
    ids = [one.id for one in offered()] + list(CATEGORIES)
    bufs = set(breaking.RULES) | {name for of in breaking.RULES.values() for name in of}
    assert len(set(ids)) == len(ids)
    assert not set(ids) & bufs


def test_rules_run_by_default_unless_they_only_warn():
    """
    A warning fails `buf breaking` like an error, so it must be asked for.
    """
    by_default = {one.id.removeprefix("WIREPROOF_") for one in offered() if one.default}
    assert by_default == set(IDS) - set(DEFAULTS)
    breaking_ones = [one for one in offered() if one.type == BREAKING]
    assert all(one.default == ("WIREPROOF" in one.categories) for one in breaking_ones)


def test_extra_rules_are_those_that_buf_has_no_word_for():
    """
    `use: [FILE, WIREPROOF_EXTRA]` reports nothing twice.
    """
    extra = {one.id for one in offered() if "WIREPROOF_EXTRA" in one.categories}
    alone = {f"WIREPROOF_{r.id}" for r in RULES if not r.buf and r.id not in DEFAULTS}
    assert extra == alone


def page(size: int, token: str = "") -> bytes:
    asked = message("buf.plugin.check.v1.ListRulesRequest")
    asked.page_size, asked.page_token = size, token
    return wrapped("ListRulesRequest", asked.SerializeToString())


def test_buf_is_told_every_rule_with_its_type_and_categories():
    """
    The answer says of each rule what the list holds of it.
    """
    told = responded("ListRules", page(250)).rules
    assert [(r.id, tuple(r.category_ids), r.default, r.purpose, r.type) for r in told] == [
        (one.id, one.categories, one.default, one.purpose, one.type) for one in offered()
    ]
    lint = {rule.id.removeprefix("WIREPROOF_") for rule in told if rule.type == LINT}
    assert lint == {rule.id for rule in LINT_RULES}


def test_pages_put_together_are_the_whole_list():
    """
    A caller may ask for small pages and goes on until there is no token.
    """
    ids: list[str] = []
    token = ""
    while True:
        told = responded("ListRules", page(7, token))
        assert len(told.rules) <= 7
        ids += [rule.id for rule in told.rules]
        token = told.next_page_token
        if not token:
            break
    assert ids == [one.id for one in offered()]


def test_a_page_that_does_not_exist_is_refused():
    """
    A token is one that we gave.
    """
    code, words = refused("ListRules", page(7, "beyond"))
    assert code == 3
    assert "beyond" in words


def test_an_empty_request_lists_everything():
    """
    Empty standard input is an empty request.
    """
    assert {c.id for c in responded("ListCategories", b"").categories} == set(CATEGORIES)
