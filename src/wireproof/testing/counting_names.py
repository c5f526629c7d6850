"""Words in the names of what counts things, pages and messages, and what they usually mean."""

from __future__ import annotations

import re

from wireproof.testing.names import is_of_items, singular, words

_FAILURES = re.compile(r"fail|reject|refus|error|invalid|skip|ignor|drop|bad")
_REFUSALS = re.compile(r"fail|reject|refus|invalid")
_MADE = re.compile(r"created|added|inserted|imported|stored|saved|written|loaded|registered")
_PAGES = re.compile(r"^(total|num(ber_of)?)_?pages$|^pages?_?(total|count)$|^pages$")
_MORE = re.compile(r"^(has|have|is|are)_?(there_)?(more|next)(_?(pages?|items|results))?$|^more$")
_END = re.compile(r"^(is_)?(last|final|end)(_?(page|of_list))?$|^(at_)?end$|^(no_more|exhausted)$")
_LIMIT = re.compile(
    r"^(limit|count|top|max_?(count|results|items|messages|events|entries|records|rows))$"
)
_TALLY = re.compile(r"^(num|by|per)_|_(by|per)_|(^|_)(counts?|tally|tallies|histogram)$")
_OF_ONE = re.compile(r"(^|_)(last|first|max|min|mean|avg|chunk|part|piece|block)(_|$)")
_DONE = frozenset({"received", "accepted", "processed", "handled", "stored", "saved", "recorded"})
_NO_TALLY = re.compile(r"version|seq|last|latest|newest|max|min|mean|avg|index|offset|code|status$")


def is_of_failures(name: str) -> bool:
    """Whether a count is of what was not done, by its name: zero is all that it should be."""
    return bool(_FAILURES.search(name))


def is_of_refusals(name: str) -> bool:
    """Whether it counts items that were not taken, and not how much was wrong with them."""
    return bool(_REFUSALS.search(name))


def is_of_made(name: str) -> bool:
    """Whether it counts items that became something, and not those that only came."""
    return bool(_MADE.search(name)) and not is_of_failures(name)


def is_of_messages(name: str, noun: str) -> bool:
    """Whether a count is of all messages of a stream, by its name: the *noun* of one of them."""
    said = set(words(name)) - {"count", "total", "num", "number", "of"}
    return {singular(word) for word in said} <= {noun, "message", "item", *_DONE}


def is_of_one(name: str) -> bool:
    """Whether a size or a digest is of one piece of many, by its name."""
    return bool(_OF_ONE.search(name))


def is_count_of_pages(name: str) -> bool:
    """Whether an integer of a list's reply tells how many pages there are, by its name."""
    return bool(_PAGES.search(name))


def tells_of_more(name: str) -> bool:
    """Whether a bool of a list's reply tells that more pages follow, by its name."""
    return bool(_MORE.search(name))


def tells_of_end(name: str) -> bool:
    """Whether a bool of a list's reply tells that it is the last page, by its name."""
    return bool(_END.search(name))


def is_limit(name: str) -> bool:
    """Whether an integer says how many messages a stream may have, by its name."""
    return bool(_LIMIT.search(name))


def is_tally(name: str) -> bool:
    """Whether a map tells how many there were of each, by its name."""
    return bool(_TALLY.search(name)) and is_of_items(name) and not _NO_TALLY.search(name)
