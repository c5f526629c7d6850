"""Credentials in every form in which a user may give them."""

import pytest

from wireproof.errors import UnknownName
from wireproof.schema.target import Target
from wireproof.testing.callers import Caller, UnusableCredentials, apart, callers_given

BEARER = ("authorization", "Bearer x")


@pytest.mark.parametrize(
    "proof",
    [
        "Authorization: Bearer x",
        ["authorization: Bearer x"],
        [BEARER],
        {"authorization": "Bearer x"},
        lambda: "authorization: Bearer x",
    ],
)
def test_every_form_of_a_proof_is_the_same_metadata(proof):
    """
    A text, a list, pairs, a mapping, a function that logs in.
    """
    assert Caller(proof).metadata("caller") == (BEARER,)


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ("Bearer x", "KEY: VALUE"),
        (7, "a mapping, or a function"),
        ([("authorization", "ü")], "no metadata"),
        (lambda: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_what_is_no_proof_is_told_in_a_sentence(proof, reason):
    """
    Before the first call, with the caller's name and never with the proof itself.
    """
    with pytest.raises(UnusableCredentials, match=rf"credentials of 'admin' .*{reason}"):
        Caller(proof).metadata("admin")


def test_the_command_line_goes_before_the_environment():
    """
    Names may be written with hyphens; a caller may need several headers.
    """
    said = ("other-caller=x-user: bob", "other-caller=x-org: o", "admin=x-user: root")
    environment = {"WIREPROOF_ADMIN": "x-user: nobody", "WIREPROOF_CALLER": "x-user: ada"}
    found = callers_given(said, environment)
    assert {name: caller.metadata(name) for name, caller in found.items()} == {
        "caller": (("x-user", "ada"),),
        "other caller": (("x-user", "bob"), ("x-org", "o")),
        "admin": (("x-user", "root"),),
    }


def test_a_mistyped_caller_is_told_with_the_known_ones():
    """
    A caller that nobody reads would weaken the test without a word.
    """
    with pytest.raises(UnknownName, match="did you mean admin"):
        callers_given(["admn=x: y"], {})


def test_a_secret_without_its_name_is_not_repeated():
    """
    What the terminal shows may be recorded.
    """
    with pytest.raises(UnusableCredentials) as told:
        callers_given(["authorization: Bearer s3cret"], {})
    assert "s3cret" not in str(told.value)


def test_a_header_that_proves_somebody_is_told_apart():
    """
    So that a call without credentials can be made, and reports show no secrets.
    """
    target = Target("localhost:1", metadata=(BEARER, ("x-tenant", "t"), ("x-api-key", "k")))
    bare, proof = apart(target, set())
    assert (bare.metadata, proof) == ((("x-tenant", "t"),), (BEARER, ("x-api-key", "k")))


def test_a_caller_shows_no_secret():
    """
    Tracebacks and logs show values as they print.
    """
    assert "Bearer" not in repr(Caller("authorization: Bearer x", id="ada"))
