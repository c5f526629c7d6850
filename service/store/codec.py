"""Users as JSON, as the tables keep them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from service.model import Profile, Role, SocialLink, Status, User

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump_user(user: User) -> str:
    return dump(asdict(user))


def load_user(text: str) -> User:
    values = json.loads(text)
    values["status"] = Status(values["status"])
    values["role"] = Role(values["role"])
    values["profile"] = _profile(values["profile"])
    return User(**values)


def dump_profile(profile: Profile | None) -> str | None:
    return None if profile is None else dump(asdict(profile))


def load_profile(text: str | None) -> Profile | None:
    return None if text is None else _profile(json.loads(text))


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _profile(values: Mapping[str, Any] | None) -> Profile | None:
    if values is None:
        return None
    links = {name: SocialLink(**link) for name, link in values["social_links"].items()}
    return Profile(**{**values, "skills": tuple(values["skills"]), "social_links": links})
