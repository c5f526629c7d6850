"""Path templates of `google.api.http`, as OpenAPI writes paths.

A variable of several segments (`{name=shelves/*/books/*}`) becomes one parameter for each wildcard
(`/shelves/{shelf}/books/{book}`), since a parameter of OpenAPI cannot hold a slash. The grammar is
that of google/api/http.proto.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{([^}=]+)(?:=([^}]*))?\}")
_PART = re.compile(r"\{[^}]*\}|\*\*|\*")


@dataclass(frozen=True, slots=True)
class Variable:
    """One parameter in a path: *field* is the path of the request field that it sets.

    *whole*: it is the field's entire value; else *field* is put together as *template* says.
    *deep*: it may hold slashes (`**`), which clients send as they are.
    """

    name: str
    field: str
    whole: bool = True
    template: str = ""
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A path in OpenAPI's notation and its parameters, in order."""

    path: str
    variables: tuple[Variable, ...]

    @property
    def shape(self) -> str:
        """What tells paths apart: names of parameters do not."""
        return re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def fields(self) -> frozenset[str]:
        """The request fields that the path sets."""
        return frozenset(variable.field for variable in self.variables)


def parse(template: str) -> Template:
    """The template of an HttpRule: `/v1/{name=shelves/*}:lend`, `/v1/users/{user.user_id}`."""
    expanded: list[Variable] = []

    def expand(found: re.Match[str]) -> str:
        field, pattern = found.group(1), found.group(2) or "*"
        if pattern in ("*", "**"):
            expanded.append(Variable(_last(field), field, deep=pattern == "**"))
            return f"{{{len(expanded) - 1}}}"
        return _segments(field, pattern, expanded)

    # Wildcards outside of variables match without setting a field.
    path = _PART.sub(
        lambda found: expand(m) if (m := _VARIABLE.match(found[0])) else _free(found[0], expanded),
        template,
    )
    named = _distinct(expanded)
    numbers = re.compile(r"\{(\d+)\}")
    return Template(numbers.sub(lambda n: f"{{{named[int(n[1])].name}}}", path), tuple(named))


def _segments(field: str, pattern: str, expanded: list[Variable]) -> str:
    parts = []
    for before, part in zip(["", *pattern.split("/")], pattern.split("/"), strict=False):
        if part in ("*", "**"):
            name = _singular(before) if before not in ("", "*", "**") else _last(field)
            variable = Variable(name, field, whole=False, template=pattern, deep=part == "**")
            expanded.append(variable)
            part = f"{{{len(expanded) - 1}}}"
        parts.append(part)
    if not any(v.field == field for v in expanded):  # `{name=settings}`: nothing to choose
        return pattern
    return "/".join(parts)


def _free(wildcard: str, expanded: list[Variable]) -> str:
    expanded.append(Variable("segment", "", deep=wildcard == "**"))
    return f"{{{len(expanded) - 1}}}"


def _distinct(variables: list[Variable]) -> list[Variable]:
    """The same under names of which no two are equal."""
    shared = {name for name, n in Counter(v.name for v in variables).items() if n > 1}
    taken: Counter[str] = Counter()
    found = []
    for v in variables:
        name = v.field.replace(".", "_") if v.name in shared and v.whole and v.field else v.name
        taken[name] += 1
        name = name if taken[name] == 1 else f"{name}_{taken[name]}"
        found.append(Variable(name, v.field, v.whole, v.template, v.deep))
    return found


def _last(field: str) -> str:
    return field.rpartition(".")[2]


def _singular(plural: str) -> str:
    name = re.sub(r"\W", "_", plural)
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith("lves"):
        return f"{name[:-3]}f"
    return name[:-1] if name.endswith("s") and len(name) > 1 else f"{name}_id"
