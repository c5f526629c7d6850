"""Messages dealt from a seed: the very ones that Hypothesis would have drawn, so it can shrink."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from api.user.v1 import user_pb2
from api.user.v1 import user_requests_pb2 as requests
from hypothesis import Phase, find, settings
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes

from wireproof import values
from wireproof.strategies import invalid_messages, messages
from wireproof.strategies.dealt import dealt, drawn_again, keep, kept

KINDS: list[Any] = [user_pb2.User, requests.ListUsersRequest, requests.UpdateUserRequest]
KEY = b"key"


def bytes_of(value: Any) -> bytes:
    message = value.message if isinstance(value, values.Invalid) else value
    data: bytes = message.SerializePartialToString(deterministic=True)
    return data


def some(kind: Any, count: int, *, invalid: bool = False) -> list[Any]:
    descriptor = kind.DESCRIPTOR
    found = dealt(values.schema_of(descriptor), descriptor, "a seed", invalid=invalid)
    return list(islice(found, count))


@pytest.mark.parametrize("invalid", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.DESCRIPTOR.name)
def test_hypothesis_takes_over_from_the_choices(kind, invalid):
    """
    Left in its database, they make it begin with that very message.
    """
    strategy = (invalid_messages if invalid else messages)(kind)
    for example in some(kind, 20, invalid=invalid):
        database = InMemoryExampleDatabase()
        keep(database, KEY, example.choices)
        only = settings(database=database, phases=(Phase.reuse,), deadline=None)
        first = find(strategy, lambda _: True, settings=only, database_key=KEY)
        assert bytes_of(first) == bytes_of(example.value)


def test_hypothesis_shrinks_what_was_dealt():
    """
    The smallest name that holds a digit, from whichever long one showed it.
    """
    shows = lambda user: any(letter.isdigit() for letter in user.display_name)  # noqa: E731
    example = next(one for one in some(user_pb2.User, 100) if shows(one.value))
    database = InMemoryExampleDatabase()
    keep(database, KEY, example.choices)
    both = settings(database=database, phases=(Phase.reuse, Phase.shrink), deadline=None)
    least = find(messages(user_pb2.User), shows, settings=both, database_key=KEY)
    assert (least.display_name, least.HasField("profile")) == ("0", False)


def test_the_same_seed_deals_the_same_messages():
    """
    A run can be repeated.
    """
    first, second = (
        [(example.value, example.choices) for example in some(user_pb2.User, 30)] for _ in range(2)
    )
    assert first == second


def naming(message: Any, *, sure: bool) -> Any:
    """*message*, of a user who exists, where it is valid then."""
    message.user.user_id = "ada"
    schema = values.schema_of(message.DESCRIPTOR)
    return None if values.violations(schema, message) else message


def test_what_is_known_better_goes_in_before_anything_is_judged():
    """
    Most updates that chance makes name nobody, which is broken, and it alone: all else stays drawn.
    """
    descriptor: Any = requests.UpdateUserRequest.DESCRIPTOR
    schema = values.schema_of(descriptor)
    found = list(islice(dealt(schema, descriptor, "a seed", fit=naming), 60))
    assert {one.value.user.user_id for one in found} == {"ada"}
    assert len({one.value.user.display_name for one in found}) > 20
    for example in found[:10]:
        database = InMemoryExampleDatabase()
        keep(database, KEY, example.choices)
        only = settings(database=database, phases=(Phase.reuse,), deadline=None)
        again = drawn_again(schema, descriptor, fit=naming)
        assert find(again, lambda _: True, settings=only, database_key=KEY) == example.value


def test_a_rule_of_the_whole_message_is_broken_amid_drawn_fields():
    """
    One message that breaks it, over and over, would test one thing.
    """
    found = [example.value for example in some(requests.UpdateUserRequest, 60, invalid=True)]
    descriptor: Any = requests.UpdateUserRequest.DESCRIPTOR
    schema = values.schema_of(descriptor)
    broken = {tuple(fault.rule for fault in values.violations(schema, o.message)) for o in found}
    assert broken == {("user.user_id",)}
    assert len(set(map(bytes_of, found))) > 10


def test_what_was_kept_makes_the_same_message_again():
    """
    Without Hypothesis: what earlier runs found is replayed first.
    """
    (example,) = some(requests.CreateUserRequest, 1)
    descriptor: Any = requests.CreateUserRequest.DESCRIPTOR
    database = InMemoryExampleDatabase()
    database.save(KEY, choices_to_bytes(example.choices))
    again = kept(database, KEY, values.schema_of(descriptor), descriptor, invalid=False)
    assert [value for _, value in again] == [example.value]


def test_choices_of_another_schema_are_passed_over():
    """
    A schema changes, what was kept stays behind: no error, nothing replayed.
    """
    database = InMemoryExampleDatabase()
    database.save(KEY, choices_to_bytes(("a text where a pool is drawn",)))
    descriptor: Any = user_pb2.User.DESCRIPTOR
    found = kept(database, KEY, values.schema_of(descriptor), descriptor, invalid=False)
    assert list(found) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.DESCRIPTOR.name)
def test_the_chart_reads_what_a_message_reaches(kind):
    """
    The goals as bits say what `values.reached` says, of valid messages and of others; and a chart
    without what is known says all that is new.
    """
    descriptor = kind.DESCRIPTOR
    schema = values.schema_of(descriptor)
    chart, universe = values.chart(schema, descriptor), values.universe(schema, descriptor)
    known, left = 0, chart
    drawn = [one.value for one in some(kind, 60)]
    drawn += [one.value.message for one in some(kind, 60, invalid=True)]
    for message in drawn:
        broken = values.violations(schema, message)
        bits = chart.reached(message, broken)
        found = {goal for at, goal in enumerate(chart.goals) if bits >> at & 1}
        assert found == values.reached(schema, message) & universe
        assert known | bits == known | left.reached(message, broken)
        known |= bits
        left = chart.without(known)
