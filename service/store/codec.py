"""Users as JSON, as the tables keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from service.model import ROLES, STATUSES, Profile, SocialLink, User

if TYPE_CHECKING:
    from collections.abc import Mapping

# Left out where it says nothing: replicas of the release before do not know it, and read this too.
UNSAID = ',"former":null}'


def dump_user(user: User) -> str:
    text = dump(user)
    return text.removesuffix(UNSAID) + "}" if text.endswith(UNSAID) else text


def load_user(text: str) -> User:
    values = load(text)
    values["status"] = STATUSES[values["status"]]
    values["role"] = ROLES[values["role"]]
    if (former := values.get("former")) is not None:
        values["former"] = STATUSES[former]
    values["profile"] = _profile(values["profile"])
    return User(**values)


def dump_profile(profile: Profile | None) -> str | None:
    return None if profile is None else dump(profile)


def load_profile(text: str | None) -> Profile | None:
    return None if text is None else _profile(load(text))


def dump(value: Any) -> str:
    """Dataclasses and enums too, which orjson takes as they are."""
    return orjson.dumps(value).decode()


def load(text: str) -> Any:
    return orjson.loads(text)


def _profile(values: Mapping[str, Any] | None) -> Profile | None:
    if values is None:
        return None
    links = {name: SocialLink(**link) for name, link in values["social_links"].items()}
    return Profile(**{**values, "skills": tuple(values["skills"]), "social_links": links})
