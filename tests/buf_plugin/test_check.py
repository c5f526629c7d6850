"""What a check answers: which findings, where, in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buf_plugin.support import check_request, refused, responded, schema
from wireproof.schema.schema import Schema

OLD = "message M {\n  int64 total = 1;\n  string note = 2;\n}\n"
NARROWED = "message M {\n  int32 total = 1;\n  string note = 2;\n}\n"
REMOVED = "message M {\n  int64 total = 1;\n}\n"


@pytest.fixture
def checked(tmp_path: Path):
    """Annotations from the one text to the other, each in a file `a.proto`."""

    def run(old: str, new: str, **given):
        request = check_request(
            schema(tmp_path / "old", {"a.proto": old}),
            schema(tmp_path / "new", {"a.proto": new}),
            **given,
        )
        return responded("Check", request).annotations

    return run


def ids(annotations) -> list[str]:
    return [one.rule_id for one in annotations]


def test_nothing_changed_is_nothing_told(checked):
    """
    The same file in both versions has no annotation.
    """
    assert list(checked(OLD, OLD)) == []


def test_a_change_points_at_the_element_in_both_versions(checked):
    """
    Source paths are those of SourceCodeInfo: message 0 (4, 0), its field 0 (2, 0).
    """
    (found,) = checked(OLD, NARROWED)
    assert found.rule_id == "WIREPROOF_FIELD_TYPE_CHANGED"
    for place in (found.file_location, found.against_file_location):
        assert (place.file_name, list(place.source_path)) == ("a.proto", [4, 0, 2, 0])


def test_a_removal_points_at_what_held_it_and_at_what_was_there(checked):
    """
    Buf shows the first; the second is where the field stood.
    """
    (found,) = checked(OLD, REMOVED)
    assert list(found.file_location.source_path) == [4, 0]
    assert list(found.against_file_location.source_path) == [4, 0, 2, 1]


def test_the_message_says_who_breaks_and_shows_the_bytes(checked):
    """
    2 to the power of 32 as a varint: its low 32 bits are zero.
    """
    (found,) = checked(OLD, NARROWED)
    assert found.message.startswith("t.M.total changed from int64 to int32")
    assert "old-client" in found.message
    assert "08 80 80 80 80 10" in found.message
    assert "\n" not in found.message


def test_rules_that_only_warn_speak_when_they_are_asked(checked):
    """
    The number that a removed field leaves free breaks nobody today.
    """
    assert ids(checked(OLD, REMOVED)) == ["WIREPROOF_FIELD_REMOVED"]
    asked = ["WIREPROOF_FIELD_NUMBER_FREED"]
    assert ids(checked(OLD, REMOVED, rules=asked)) == asked


def test_the_mode_decides_the_direction(checked):
    """
    int32 widened to int64: old data is read well by new code, new data badly by old code.
    """
    assert ids(checked(NARROWED, OLD, mode="backward")) == []
    assert ids(checked(NARROWED, OLD, mode="forward")) == ["WIREPROOF_FIELD_TYPE_CHANGED"]


def test_surfaces_are_a_list_or_words(checked):
    """
    A renamed field breaks JSON and code, and no bytes.
    """
    new = OLD.replace("note", "remark")
    for surfaces, told in ((["wire"], []), ("wire,json", ["WIREPROOF_FIELD_RENAMED"])):
        assert ids(checked(OLD, new, surfaces=surfaces)) == told


def test_a_renamed_single_file_is_pointed_at_by_its_new_name(tmp_path):
    """
    Buf refuses an annotation in a file that it has not sent.
    """
    old, new = (
        schema(tmp_path / "1", {"a.proto": OLD}),
        schema(tmp_path / "2", {"b.proto": REMOVED}),
    )
    (found,) = responded("Check", check_request(old, new)).annotations
    assert found.file_location.file_name == "b.proto"
    assert found.against_file_location.file_name == "a.proto"


def test_a_removed_file_points_at_the_version_before(tmp_path):
    """
    There is nothing left of it in the input.
    """
    old = schema(tmp_path / "1", {"a.proto": OLD, "b.proto": "enum E { ZERO = 0; }"})
    new = schema(tmp_path / "2", {"a.proto": OLD})
    (found,) = responded(
        "Check", check_request(old, new, rules=["WIREPROOF_FILE_REMOVED"])
    ).annotations
    assert not found.HasField("file_location")
    assert found.against_file_location.file_name == "b.proto"


def test_imports_are_not_judged(tmp_path):
    """
    What the module does not declare is somebody else's promise.
    """
    both = [
        schema(tmp_path / side, {"a.proto": text}) for side, text in (("1", OLD), ("2", NARROWED))
    ]
    for one in both:
        one.own = frozenset()
    assert not responded("Check", check_request(*both)).annotations


def test_without_a_version_to_compare_with_there_is_nothing_to_say(tmp_path):
    """
    `buf lint` sends none, and a sound file is told nothing.
    """
    nothing = Schema(source="nothing", own=frozenset())
    request = check_request(nothing, schema(tmp_path / "2", {"a.proto": OLD}))
    assert not responded("Check", request).annotations


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"moed": "rpc"}, "did you mean mode?"),
        ({"mode": "backwards"}, "did you mean backward?"),
        ({"surfaces": ["wire", "jsn"]}, "did you mean json?"),
        ({"deploy": True}, "server-first"),
        ({"severity": "error,info"}, "takes one value"),
        ({"rules": ["FIELD_REMOVED"]}, "unknown rule FIELD_REMOVED"),
    ],
    ids=lambda value: str(value),
)
def test_a_wrong_option_is_refused_with_what_would_be_right(tmp_path, given, word):
    """
    Buf shows the sentence to whoever wrote buf.yaml.
    """
    old, new = schema(tmp_path / "1", {"a.proto": OLD}), schema(tmp_path / "2", {"a.proto": OLD})
    code, words = refused("Check", check_request(old, new, **given))
    assert code == 3
    assert word in words


def test_descriptors_that_do_not_link_are_refused(tmp_path):
    """
    A type that no file declares: one sentence that names the file.
    """
    old, new = (
        schema(tmp_path / "1", {"a.proto": OLD}),
        schema(tmp_path / "2", {"a.proto": NARROWED}),
    )
    broken = new.file("a.proto")
    field = broken.message_type[0].field[0]
    field.type, field.type_name = field.TYPE_MESSAGE, ".t.Missing"
    code, words = refused("Check", check_request(old, Schema([broken], source="new", own=new.own)))
    assert (code, "a.proto" in words) == (3, True)
