"""Users as JSON, as the tables keep them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from service.model import Profile, Role, SocialLink, Status, User

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump_user(user: User) -> str:
    return dump(user)


def load_user(text: str) -> User:
    values = json.loads(text)
    values["status"] = Status(values["status"])
    values["role"] = Role(values["role"])
    values["profile"] = _profile(values["profile"])
    return User(**values)


def dump_profile(profile: Profile | None) -> str | None:
    return None if profile is None else dump(profile)


def load_profile(text: str | None) -> Profile | None:
    return None if text is None else _profile(json.loads(text))


def dump(value: Any) -> str:
    return ENCODER.encode(value)


def _shallow(value: Any) -> dict[str, Any]:
    """A part of a user by its fields; asdict would copy all that is in it, which costs more."""
    return {name: getattr(value, name) for name in FIELDS[type(value)]}


FIELDS = {kind: [each.name for each in fields(kind)] for kind in (User, Profile, SocialLink)}
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_shallow)


def _profile(values: Mapping[str, Any] | None) -> Profile | None:
    if values is None:
        return None
    links = {name: SocialLink(**link) for name, link in values["social_links"].items()}
    return Profile(**{**values, "skills": tuple(values["skills"]), "social_links": links})
