from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.compiled import compiled
from tests.schema.repos import write
from wireproof.errors import UnreadableSource
from wireproof.schema.linked import Linked
from wireproof.schema.schema import Schema

BASE = """syntax = "proto2";
package t;
message Open { extensions 100 to 199; }
"""
FIRST = """syntax = "proto2";
package t;
import "base.proto";
message First { optional Open open = 1; }
"""
WITHIN = """syntax = "proto2";
package t;
import "base.proto";
message Outer { message Inner { extend Open { optional string more = 100; } } }
"""
ALONE = """syntax = "proto3";
package t;
message Alone { int32 a = 1; }
"""


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    folder = write(
        tmp_path, base_proto=BASE, first_proto=FIRST, within_proto=WITHIN, alone_proto=ALONE
    )
    return compiled(folder, "base.proto", "first.proto", "within.proto", "alone.proto")


def test_a_file_is_linked_with_its_imports_when_it_is_asked_for(schema: Schema):
    """
    What nobody asks for costs nothing.
    """
    linked = Linked(schema, ["first.proto", "alone.proto"])
    assert linked.message("t.First", "first.proto")
    assert linked.message("t.Open", "base.proto")
    with pytest.raises(KeyError):
        linked.pool.FindMessageTypeByName("t.Alone")
    assert linked.message("t.Alone", "alone.proto")


def test_a_message_knows_its_extensions_whatever_was_asked_before(schema: Schema):
    """
    An extension in a file that the message's own does not import, deep in a message, is known.
    """
    linked = Linked(schema, ["first.proto", "within.proto"])
    found = linked.message("t.First", "first.proto")
    assert found
    extended = found.fields_by_name["open"].message_type
    assert extended
    assert [x.name for x in linked.pool.FindAllExtensions(extended)] == ["more"]
    assert linked.extension("t.Outer.Inner.more", "within.proto")


def test_other_files_are_none_of_its_own(schema: Schema):
    """
    A file outside of those named and their imports is not linked.
    """
    linked = Linked(schema, ["first.proto"])
    assert linked.message("t.Alone", "alone.proto") is None
    assert linked.extension("t.Outer.Inner.more", "within.proto") is None
    with pytest.raises(KeyError):
        linked.whole().FindMessageTypeByName("t.Alone")


def test_the_whole_holds_all_of_the_files(schema: Schema):
    """
    Whoever needs every definition gets them in the pool that others were given.
    """
    linked = Linked(schema, ["first.proto", "alone.proto"])
    before = linked.pool
    assert linked.whole() is before
    assert before.FindMessageTypeByName("t.Alone")


def test_a_file_that_does_not_link_is_named(schema: Schema):
    """
    An import that is missing is told in one sentence, with the file that needs it.
    """
    left = tuple(packed for packed in schema.packed if packed.name != "base.proto")
    torn = Schema(source="torn", own=schema.own - {"base.proto"}, packed=left)
    with pytest.raises(UnreadableSource, match=r"first\.proto does not link"):
        Linked(torn, ["first.proto"]).message("t.First", "first.proto")
