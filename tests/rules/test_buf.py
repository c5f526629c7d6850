"""Buf's findings and ours are joined: what changed once is found once."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from tests.cases.compiled import ROOT, Case
from tests.rules.pairs import pair
from wireproof.finding import Finding, Severity
from wireproof.rules import compare
from wireproof.rules.history import compare_sources
from wireproof.schema.schema import Schema

OLD = "message M { string a = 1; int64 b = 2; }\n"
WITHOUT = "message M { reserved 2; reserved 'b'; string a = 1; }\n"


def joined(findings: tuple[Finding, ...]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {f.id: (f.engines, f.buf) for f in findings}


def test_one_change_is_one_finding_of_both_engines(tmp_path: Path):
    """
    Buf's rules are named on our finding, not beside it.
    """
    findings = compare(*pair(tmp_path, OLD, WITHOUT)).findings
    assert joined(findings) == {"FIELD_REMOVED": (("buf", "wireproof"), ("FIELD_NO_DELETE",))}


@pytest.mark.parametrize(
    "case",
    [
        "FIELD_RENAMED/map",
        "MESSAGE_MOVED/with_what_it_holds",
        "MESSAGE_REMOVED/with_all_that_it_declared",
    ],
)
def test_what_goes_with_what_holds_it_is_no_finding_of_its_own(case: str):
    """
    To buf the entry of a map and what is nested in a message are types of their own.
    """
    findings = compare(*Case(ROOT / case).schemas()).findings
    assert [f.engines for f in findings] == [("buf", "wireproof")]


def test_a_field_is_gone_from_a_message_that_moved(tmp_path: Path):
    """
    Buf tells it of the file where the message is now.
    """
    head = 'syntax = "proto3";\npackage t;\n'
    whole, less = "message M { string a = 1; int32 b = 2; }", "message M { string a = 1; }"
    for side, files in (("old", (whole, "")), ("new", ("", less))):
        (tmp_path / side).mkdir()
        for name, body in zip(("a.proto", "b.proto"), files, strict=True):
            (tmp_path / side / name).write_text(f"{head}{body}\n")
    findings = compare_sources([str(tmp_path / side) for side in ("old", "new")]).findings
    assert {f.id: f.engines for f in findings if f.buf} == {
        "MESSAGE_MOVED": ("buf", "wireproof"),
        "FIELD_REMOVED": ("buf", "wireproof"),
    }


def test_what_only_buf_finds_is_a_finding_of_buf(tmp_path: Path):
    """
    A package that buf is told to keep at its syntax fails with us as it does with buf.
    """
    schemas = pair(tmp_path, "message M { string a = 1; }\n", "message M { string a = 1; }\n")
    folder = tmp_path / "edition"
    folder.mkdir()
    text = 'edition = "2023";\npackage t;\noption features.field_presence = IMPLICIT;\n'
    (folder / "m.proto").write_text(f"{text}message M {{ string a = 1; }}\n")
    findings = compare_sources([schemas[0].source, str(folder)]).findings
    assert joined(findings) == {"FILE_SAME_SYNTAX": (("buf",), ("FILE_SAME_SYNTAX",))}
    assert findings[0].subject == "m.proto"
    assert (findings[0].promised, findings[0].found) == ("proto3", "editions")


def test_what_we_only_warn_of_stops_where_buf_stops_it(tmp_path: Path):
    """
    Users of buf see the same pull requests fail on the first day.
    """
    schemas = pair(tmp_path, "message M { reserved 5; }\n", "message M { }\n")
    alone = compare(*schemas, engines=("wireproof",)).findings
    together = compare(*schemas).findings
    assert [(f.id, f.severity) for f in alone] == [("RESERVED_REMOVED", Severity.WARNING)]
    assert [(f.id, f.severity) for f in together] == [("RESERVED_REMOVED", Severity.ERROR)]


def test_either_engine_may_judge_alone(tmp_path: Path):
    """
    A type that changed its name only is nothing to the wire, but buf flags the field.
    """
    schemas = pair(tmp_path, OLD, WITHOUT)
    assert [f.engines for f in compare(*schemas, engines=("wireproof",)).findings] == [
        ("wireproof",)
    ]
    assert [f.engines for f in compare(*schemas, engines=("buf",)).findings] == [
        ("buf", "wireproof")
    ]


@pytest.mark.parametrize("mode", ["backward", "forward", "full"])
def test_registries_have_no_buf(tmp_path: Path, mode: str):
    """
    Buf knows no direction, so it has no say where one is asked for.
    """
    schemas = pair(
        tmp_path, "message M { int32 a = 1; }\n", "message M { optional int32 a = 1; }\n"
    )
    assert compare(*schemas, mode=mode).findings == ()


def test_without_source_info_the_names_alone_join_the_two():
    """
    Images of released packages carry no lines.
    """
    old, new = (_bare_image(names) for names in (("Gone", "Kept"), ("Kept",)))
    findings = compare(old, new).findings
    assert [(f.id, f.subject, f.buf) for f in findings] == [
        ("MESSAGE_REMOVED", "t.Gone", ("MESSAGE_NO_DELETE",)),
    ]


def _bare_image(names: tuple[str, ...]) -> Schema:
    file = descriptor_pb2.FileDescriptorProto(name="m.proto", package="t", syntax="proto3")
    for name in names:
        file.message_type.add(name=name).nested_type.add(name="Within")
    return Schema([file], source="bare", own=frozenset({file.name}))


def test_a_number_that_another_field_took_is_one_finding(tmp_path: Path):
    """
    Buf compares both fields by their number and tells each difference; all are of one change.
    """
    new = "message M { repeated bool b = 1; int64 a = 2; }\n"
    findings = compare(*pair(tmp_path, "message M { int64 a = 1; }\n", new)).findings
    assert [(f.id, f.engines) for f in findings] == [("FIELD_RENUMBERED", ("buf", "wireproof"))]


def test_what_only_buf_says_of_a_message_stands_beside_what_we_say(tmp_path: Path):
    """
    A message among the changes holds no map entry of its own.
    """
    old = pair(tmp_path, "message M { int64 a = 1; } message N {}\n", "")[0]
    folder = tmp_path / "edition"
    folder.mkdir()
    text = 'edition = "2023";\npackage t;\noption features.field_presence = IMPLICIT;\n'
    (folder / "m.proto").write_text(f"{text}message M {{ int64 a = 1; }}\n")
    findings = compare_sources([old.source, str(folder)]).findings
    assert {f.id for f in findings} == {"MESSAGE_REMOVED", "FILE_SAME_SYNTAX"}


def test_a_map_that_goes_is_one_finding(tmp_path: Path):
    """
    Buf tells the message that protoc makes of a map apart from its field; nobody wrote it.
    """
    old = "message M { map<string, bool> a = 1; int64 b = 2; }\n"
    findings = compare(*pair(tmp_path, old, "message M { int64 b = 2; }\n")).findings
    assert {f.engines for f in findings if f.id == "FIELD_REMOVED"} == {("buf", "wireproof")}
    assert not [f for f in findings if f.engines == ("buf",)]


def test_an_alias_that_goes_is_one_finding(tmp_path: Path):
    """
    Buf misses a name of the number, we a value: both speak of the same change.
    """
    values = "option allow_alias = true; A = 0; B = 1; C = 1;"
    old, new = pair(tmp_path, f"enum E {{ {values} }}", 'enum E { reserved "C"; A = 0; B = 1; }')
    (found,) = compare(old, new).findings
    assert (found.id, found.buf) == ("ENUM_VALUE_REMOVED", ("ENUM_VALUE_SAME_NAME",))


def test_nested_types_and_options_are_joined_without_source_info():
    """
    Of a nested type buf says the last name alone, and of an option not even that.
    """
    bare = [Schema(_bare(case), source=side, own=frozenset({"m.proto"})) for side, case in SIDES]
    findings = compare(*bare).findings
    assert {f.subject: f.engines for f in findings} == dict.fromkeys(
        ("t.A.NA", "t.B.NB", "t.A"), ("buf", "wireproof")
    )


SIDES = (("old", ""), ("new", "option"))


def _bare(changed: str) -> list[descriptor_pb2.FileDescriptorProto]:
    """Two messages, each with an open enum in it; *changed* closes them."""
    file = descriptor_pb2.FileDescriptorProto(
        name="m.proto", package="t", syntax="editions", edition=descriptor_pb2.EDITION_2023
    )
    for name in "AB":
        enum = file.message_type.add(name=name).enum_type.add(name=f"N{name}")
        enum.value.add(name=f"{name}_ZERO", number=0)
        if changed:
            enum.options.features.enum_type = descriptor_pb2.FeatureSet.CLOSED
    if changed:
        file.message_type[0].options.no_standard_descriptor_accessor = True
    return [file]


def test_a_first_value_is_one_finding_however_many_fields_take_it(tmp_path: Path):
    """
    Buf tells it of each field that has no default of its own, in whichever file.
    """
    head = 'syntax = "proto2";\npackage t;\n'
    holders = 'import "e.proto"; message M { optional H.E a = 1; optional H.E b = 2; }'
    values = {"old": "A = 1; B = 2;", "new": "B = 2; A = 1;"}
    for side, said in values.items():
        (tmp_path / side).mkdir()
        (tmp_path / side / "e.proto").write_text(f"{head}message H {{ enum E {{ {said} }} }}\n")
        (tmp_path / side / "m.proto").write_text(f"{head}{holders}\n")
    (found,) = compare_sources([str(tmp_path / side) for side in values]).findings
    assert (found.id, found.buf) == ("ENUM_DEFAULT_CHANGED", ("FIELD_SAME_DEFAULT",))


def test_the_feature_of_one_language_is_not_taken_for_that_of_another(tmp_path: Path):
    """
    An edition brings several at once, and buf knows but that of C++ strings.
    """
    body = "package t; message M { string a = 1; }\n"
    old, new = pair(tmp_path, f'edition = "2023"; {body}', f'edition = "2024"; {body}', head="")
    named = [f.promised for f in compare(old, new).findings if f.buf]
    assert named == ["pb.cpp.string_type STRING"]


@pytest.mark.parametrize("spelled", ["old", "new"])
def test_json_names_may_be_left_out_of_an_image(tmp_path: Path, spelled: str):
    """
    What a server reflects often holds none; buf would tell of every field, and all read the same.
    """
    (tmp_path / "both").mkdir()
    whole, _ = pair(tmp_path / "both", "message M { string a_b = 1; }", "")
    file = whole.by_name["m.proto"].whole
    file.message_type[0].field[0].ClearField("json_name")
    bare = Schema([file], source="bare", own=frozenset({"m.proto"}))
    sides = (whole, bare) if spelled == "old" else (bare, whole)
    assert compare(*sides).findings == ()


def test_a_json_name_that_is_another_is_told_where_one_is_left_out(tmp_path: Path):
    """
    Left out, it is the default; written down, here, it is not.
    """
    old, new = pair(
        tmp_path, "message M { string a = 1; }", 'message M { string a = 1 [json_name = "z"]; }'
    )
    file = old.by_name["m.proto"].whole
    file.message_type[0].field[0].ClearField("json_name")
    bare = Schema([file], source="bare", own=frozenset({"m.proto"}))
    (found,) = compare(bare, new).findings
    assert (found.id, found.buf) == ("FIELD_JSON_NAME_CHANGED", ("FIELD_SAME_JSON_NAME",))
