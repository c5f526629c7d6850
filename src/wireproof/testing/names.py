"""Words in names, and what they usually mean. Hints only: types and annotations go first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wireproof.testing.api import Role

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

VERBS: dict[Role, tuple[str, ...]] = {
    Role.GET: ("get", "fetch", "read", "find", "lookup", "retrieve", "describe", "load", "show"),
    Role.LIST: ("list", "search", "query", "browse", "enumerate"),
    Role.CREATE: ("create", "add", "insert", "new", "register", "post", "make"),
    Role.UPDATE: ("update", "patch", "modify", "edit", "change", "amend"),
    Role.DELETE: ("delete", "remove", "destroy", "drop", "erase", "discard", "forget"),
    Role.UNDELETE: ("undelete", "restore", "recover"),
}
_VERB = {verb: role for role, verbs in VERBS.items() for verb in verbs}

_KEY = re.compile(r"idempoten|request_?id$|dedup|client_?token|retry|^key$|operation_?id$|_key$")
_RETRY_KEY = re.compile(r"idempoten|^(client_)?request_?(id|key)$|^client_?token$|dedup")
_TOKEN = re.compile(
    r"token|cursor|etag|bookmark|continuation|resume|checkpoint|^after|^before|since"
)
_PAGE_TOKEN = re.compile(r"token|cursor|bookmark|continuation|^after|^start")
_PAGE_SIZE = re.compile(r"page_?size|limit|max_?results|per_?page|page_?length|^count$|^size$|^max")
_ENDS = (
    {"from", "to"},
    {"source", "target"},
    {"source", "destination"},
    {"source", "dest"},
    {"src", "dst"},
    {"sender", "receiver"},
    {"sender", "recipient"},
    {"payer", "payee"},
    {"debit", "credit"},
    {"debtor", "creditor"},
)
_EXPECTED = re.compile(
    r"^(?:expected|if|if_match|current|base|last_known|known)_(etag|version|revision|generation)$"
    r"|^if_match$|^etag$"
)
_OPENING = re.compile(r"^(?:opening|initial|starting)_(\w+)$")
_SECRET = re.compile(
    r"passw|passphrase|secret|(^|_)(pin|cvv|cvc|otp|pat|credentials?|token|code)$|private|api_?key"
    r"|card_number|(^|_)(ssn|iban)$"
)
_ACTOR = re.compile(r"user|author|owner|creat|actor|caller|requester|principal|tenant|sender|by$")
_ORDINAL = re.compile(
    r"(^|_)(id|seq|sequence|sequence_(number|no|id)|seq_?no|nonce|index|ordinal|tag|serial|line|row)$"
    r"|^(message|request|frame|line|correlation)_(number|no|id)$"
)
_OFFSET = re.compile(r"^(offset|skip|start_?index|page_?offset|start_?offset)$")
_PAGE_NUMBER = re.compile(r"^page(_?(number|no|num|nr|index|idx))?$|^(current|which)_?page$")
_SERVER_SET = re.compile(
    r"^(create|update|delete|purge|expire|modif|insert)\w*_?(time|at|on|date|stamp)$"
    r"|^(etag|revision|version|generation|uid|delete_time|last_\w+)$"
)
_MODE = re.compile(r"^(validate_only|dry_?run|preview|allow_missing|force|upsert)$")
_CREATION = re.compile(
    r"^(created?|creation|added|entered|inserted|registered|enrolled|joined|placed|booked|made|born)_?(time|at|on|date|stamp)"
)
_CHANGE = re.compile(r"^(last_)?(updated?|modified|modification|changed?)_?(time|at|on|date|stamp)")
_PRESENCE = re.compile(r"^(is_)?(found|exists?|present|known|missing|absent)$|error")
_EXPRESSION = re.compile(r"^(filter|where|predicate|order_?by|sort(_?by|_order)?|ordering)$")
_CODE = re.compile(r"(^|_)(currency|country|language|locale|time_?zone)(_code)?$")
_STOCK = re.compile(r"(^|_)(balance|stock|capacity|credits?|funds|inventory|available|on_hand)$")
_TOTAL = re.compile(r"^total$|^total_?(size|count|items|results|elements|matches)$|_total$|^count$")
_ORDER = re.compile(r"^(order|sort)(_?by)?$|^ordering$|^sort_order$")
_COUNT = re.compile(
    r"count|total|created|added|accepted|inserted|processed|stored|failed|received|rejected|refused"
    r"|^num|imported|ingested|loaded|saved|written|handled|succe|applied|registered"
)
_MEASURE = re.compile(r"quantity|amount|value|price|cents|units|weight|seconds|millis|score|points")
_OF_PACKS = re.compile(rf"batch|page|pack|group|byte|distinct|unique|different|{_MEASURE.pattern}")
_EVENTS = re.compile(
    r"watch|stream|subscribe|event|listen|tail|follow|changes|notif", re.IGNORECASE
)


def words(name: str) -> list[str]:
    """`BatchCreateUsers` → batch, create, users; `user_id` → user, id."""
    return [word.lower() for word in _WORD.findall(name)]


def role_by_name(name: str) -> Role | None:
    """The role that a method's first word suggests."""
    first = words(name)[:1]
    return _VERB.get(first[0]) if first else None


def is_plain_get(name: str) -> bool:
    """Whether a method's first word asks for what must be there: one finds nothing, at times."""
    return words(name)[:1] in (["get"], ["read"], ["fetch"], ["retrieve"], ["describe"], ["load"])


def tells_presence(name: str) -> bool:
    """Whether a field tells whether the rest of its message is there, by its name."""
    return bool(_PRESENCE.search(name))


def is_put(name: str) -> bool:
    """Whether a method makes a thing or replaces it, by its first word."""
    return words(name)[:1] in (["set"], ["put"], ["upsert"], ["save"], ["store"], ["write"])


def noun(name: str) -> str:
    """What a method's name is about, in the singular: `ListUsers` → user."""
    return singular("".join(words(name)[1:]))


def singular(word: str) -> str:
    """Good enough to compare two spellings of one noun."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def is_key(name: str) -> bool:
    """Whether a field is an idempotency key by its name."""
    return bool(_KEY.search(name))


def is_retry_key(name: str) -> bool:
    """Whether a text makes a repeated call the same call, whatever the method, by its name."""
    return bool(_RETRY_KEY.search(name))


def is_token(name: str) -> bool:
    """Whether a field holds something that only the server can issue, by its name."""
    return bool(_TOKEN.search(name))


def is_expression(name: str) -> bool:
    """Whether a text is in a language of its own, by its name: most words say nothing in it."""
    return bool(_EXPRESSION.search(name))


def is_mode(name: str) -> bool:
    """Whether a bool makes of a request something else than its method says, by its name."""
    return bool(_MODE.search(name))


def is_dry_run(name: str) -> bool:
    """Whether a bool asks for nothing to be done, by its name."""
    return bool(_MODE.search(name)) and name not in ("allow_missing", "force", "upsert")


def is_page_token(name: str) -> bool:
    return bool(_PAGE_TOKEN.search(name))


def page_size(sizes: Iterable[str]) -> str:
    """Which integer says how many items a page holds, the plainest name first; empty for none.

    `max_price` is no such number, and `max_items` is one where no field says `limit`.
    """
    able = [name for name in sizes if _PAGE_SIZE.search(name) and not _MEASURE.search(name)]
    return min(able, key=lambda name: name.startswith("max_"), default="")


def are_ends(one: str, other: str) -> bool:
    """Whether two fields name where something comes from and where it goes, by their names."""
    first, second = words(one)[0], words(other)[0]
    return any({first, second} == pair for pair in _ENDS)


def expected(name: str) -> str | None:
    """Which version an update expects to find, by its name: `expected_version` → version."""
    found = _EXPECTED.match(name)
    return (found[1] or "etag") if found else None


def opened(name: str) -> str | None:
    """What a number is the first of, by its name: `opening_balance` → balance; None for others."""
    found = _OPENING.match(name)
    return found[1] if found else None


def is_secret(name: str) -> bool:
    """Whether a field is written and never told, by its name."""
    return bool(_SECRET.search(name))


def is_actor(name: str) -> bool:
    """Whether a field names who acts, by its name: servers may take that from the credentials."""
    return bool(_ACTOR.search(name))


def is_ordinal(name: str) -> bool:
    """Whether an integer tells one message from the others, by its name: no sum, no maximum."""
    return bool(_ORDINAL.search(name))


def is_offset(name: str) -> bool:
    """Whether an integer says how many items a page leaves out before it, by its name."""
    return bool(_OFFSET.search(name))


def is_page_number(name: str) -> bool:
    """Whether an integer says which page is asked for, by its name."""
    return bool(_PAGE_NUMBER.search(name))


def is_server_set(name: str) -> bool:
    """Whether a field is one that servers set, by its name."""
    return bool(_SERVER_SET.search(name))


def is_count(name: str) -> bool:
    """Whether an integer counts things, by its name."""
    return bool(_COUNT.search(name))


def is_of_items(name: str) -> bool:
    """Whether a count is of each item, by its name: not of kinds, packs, or what they hold."""
    return not _OF_PACKS.search(name)


def is_total(name: str) -> bool:
    """Whether an integer of a list's reply tells how many match in all, by its name."""
    return bool(_TOTAL.search(name))


def is_order(name: str) -> bool:
    """Whether a text of a list's request asks for an order, by its name."""
    return bool(_ORDER.search(name))


def tells_of_creation(name: str) -> bool:
    """Whether a time is that of creation, by its name."""
    return bool(_CREATION.search(name))


def tells_of_change(name: str) -> bool:
    """Whether a time is that of the last change, by its name."""
    return bool(_CHANGE.search(name))


def tells_of_events(name: str) -> bool:
    """Whether a streaming method tells of what happens, by its name."""
    return bool(_EVENTS.search(name))


def references(type_name: str) -> frozenset[str]:
    """The names of fields that refer to a thing of that type: `order_id`, `order`."""
    snake = "_".join(words(type_name))
    return frozenset({snake, f"{snake}_id", f"{snake}_name", f"{snake}_uid", f"{snake}_key"})


def is_reference(name: str, type_name: str) -> bool:
    """Whether a field names a thing of that type: `order_id`, `from_account_id` of accounts."""
    return any(name == one or name.endswith(f"_{one}") for one in references(type_name))


def is_code(name: str) -> bool:
    """Whether a text is one of a closed vocabulary, by its name: no fresh word is one."""
    return bool(_CODE.search(name))


def is_stock(name: str) -> bool:
    """Whether a number is what others take from, by its name: of nothing, nothing can be taken."""
    return bool(_STOCK.search(name))


def refers(name: str, type_name: str, id_: str) -> bool:
    """Whether a field refers to one or several things of that type: `order_ids`, `order`, `id`."""
    return singular(name) in references(type_name) | {id_}


_PAST = {
    "create": re.compile(r"creat|add|insert|new|regist|born"),
    "update": re.compile(r"updat|chang|modif|edit|patch"),
    "delete": re.compile(r"(?<!un)(?<!un_)(delet|remov|destroy|erase|gone|drop)"),
}


def tells_of(name: str, kind: str) -> bool:
    """Whether a branch of an event tells of a `create`, an `update` or a `delete`, by its name."""
    return bool(_PAST[kind].search(name))
