"""Requests name what exists, and make what does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wireproof import values
from wireproof.exchange import method_of
from wireproof.schema.source import load
from wireproof.testing.api import Role
from wireproof.testing.coverage import Coverage
from wireproof.testing.fresh import Fresh
from wireproof.testing.infer import infer
from wireproof.testing.memory import Memory
from wireproof.testing.requests import Requests

VERSION = """\
syntax = "proto3";
package yard.{version};
message Goat {{ string goat_id = 1; string name = 2; }}
message GetGoatRequest {{ string goat_id = 1; }}
message CreateGoatRequest {{ Goat goat = 1; }}
message MilkGoatRequest {{ string goat_id = 1; }}
message MilkGoatResponse {{ int32 liters = 1; }}
service Yard {{
  rpc GetGoat(GetGoatRequest) returns (Goat);
  rpc CreateGoat(CreateGoatRequest) returns (Goat);
  rpc MilkGoat(MilkGoatRequest) returns (MilkGoatResponse);
}}
"""


class Yard:
    """Two versions of one service, and what a run knows of them."""

    def __init__(self, folder: Any) -> None:
        for version in ("v1", "v2"):
            text = VERSION.format(version=version)
            (folder / f"{version}.proto").write_text(text, encoding="utf-8")
        schema = load(str(folder))
        self.methods = {m.full_name: method_of(m) for m in schema.methods()}
        self.api = infer(schema, list(self.methods.values()))
        self.memory = Memory()
        self.requests = Requests(schema, self.api, Fresh(0), self.memory)

    def made(self, version: str, goat_id: str) -> None:
        resource = next(r for r in self.api.resources if r.type.full_name == f"yard.{version}.Goat")
        thing: Any = resource.operations[Role.GET].method.reply(goat_id=goat_id)
        self.memory.made(resource, thing)

    def base(self, version: str, name: str) -> Any:
        return self.requests.base(self.methods[f"yard.{version}.Yard.{name}"])


@pytest.fixture
def yard(tmp_path):
    return Yard(tmp_path)


def test_a_new_thing_does_not_take_the_name_of_its_like_in_another_version(yard):
    """
    Both versions may keep their things in one place: the name would be taken.
    """
    yard.made("v2", "known-in-v2")
    assert yard.base("v1", "CreateGoat").goat.goat_id != "known-in-v2"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_reference_names_a_thing_of_its_own_version(yard, version):
    """
    The other version's things may be none of its own.
    """
    yard.made("v1", "in-v1")
    yard.made("v2", "in-v2")
    assert yard.base(version, "MilkGoat").goat_id == f"in-{version}"


def test_what_was_made_seen_or_deleted_is_known(yard):
    """
    A thing that was there before proves nothing about a call that was refused.
    """
    yard.made("v1", "one")
    resource = next(r for r in yard.api.resources if r.type.full_name == "yard.v1.Goat")
    before = yard.memory.knows("one"), yard.memory.knows("two")
    yard.memory.gone(resource, "one")
    assert (*before, yard.memory.knows("one")) == (True, False, True)


KEEPER = """\
syntax = "proto3";
package inn.v1;
import "wireproof/annotations/v1/annotations.proto";
message Guest {{
  option (wireproof.annotations.v1.message) = {{owner: "{owner}"}};
  string guest_id = 1;
  string payer = 2;
}}
message GetGuestRequest {{ string guest_id = 1; }}
message CreateGuestRequest {{ Guest guest = 1; }}
service Inn {{
  rpc GetGuest(GetGuestRequest) returns (Guest);
  rpc CreateGuest(CreateGuestRequest) returns (Guest);
}}
"""


@pytest.mark.parametrize(("owner", "claimed"), [("payer", True), ("guest_id", False)])
def test_a_new_thing_belongs_to_its_caller_unless_its_own_name_is_the_owner(
    tmp_path, owner, claimed
):
    """
    One caller could have only one thing, were each given the caller's own name.
    """
    (tmp_path / "inn.proto").write_text(KEEPER.format(owner=owner), encoding="utf-8")
    schema = load(str(tmp_path))
    methods = {m.name: method_of(m) for m in schema.methods()}
    requests = Requests(schema, infer(schema, list(methods.values())), Fresh(0), Memory())
    requests.who = lambda: "ada"
    made: list[Any] = [requests.base(methods["CreateGuest"]) for _ in range(2)]
    assert [getattr(one.guest, owner) == "ada" for one in made] == [claimed, claimed]


KIDS = """\
syntax = "proto3";
package kids.v1;
import "buf/validate/validate.proto";
import "google/protobuf/timestamp.proto";
message Kid { string kid_id = 1; string name = 2; google.protobuf.Timestamp create_time = 3; }
message CreateKidRequest { Kid kid = 1 [(buf.validate.field).required = true]; }
message GetKidRequest { string kid_id = 1; }
service Kids {
  rpc CreateKid(CreateKidRequest) returns (Kid);
  rpc GetKid(GetKidRequest) returns (Kid);
}
"""


def test_a_request_that_lacks_its_thing_goes_on_lacking_it(tmp_path):
    """
    To see whether a missing thing is refused, it has to be missing from what is sent.
    """
    (tmp_path / "kids.proto").write_text(KIDS, encoding="utf-8")
    schema = load(str(tmp_path))
    methods = {m.name: method_of(m) for m in schema.methods()}
    requests = Requests(schema, infer(schema, methods.values()), Fresh(0), Memory())
    message: Any = methods["CreateKid"].request()
    assert not requests.adapted(message, frozenset({"kid"})).HasField("kid")
    (fault,) = values.violations(schema, message)
    addressed = requests.addressed(message, frozenset({"kid"}), [fault])
    assert addressed == message


def test_what_is_made_may_have_any_name_and_what_exists_has_one(tmp_path):
    """
    So names to be given are varied among the other fields, and names to be found are not.
    """
    (tmp_path / "kids.proto").write_text(KIDS, encoding="utf-8")
    schema = load(str(tmp_path))
    methods = {m.name: method_of(m) for m in schema.methods()}
    api = infer(schema, methods.values())
    requests = Requests(schema, api, Fresh(0), Memory())
    session: Any = SimpleNamespace(
        schema=schema, api=api, requests=requests, prepare=id, base=requests.base
    )
    making, getting = (Coverage(session, methods[name]) for name in ("CreateKid", "GetKid"))
    assert (making.decides("kid.kid_id"), getting.decides("kid_id")) == (False, True)
