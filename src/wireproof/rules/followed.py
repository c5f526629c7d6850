"""What names fields goes along where they are renamed: who sees no name sees no difference."""

from __future__ import annotations

import re

from wireproof.changes.http import Binding
from wireproof.rules.context import Context
from wireproof.schema.elements import MessageType, Rpc
from wireproof.schema.fields import Field

_VARIABLE = re.compile(r"\{([^=}]+)")


def followed(binding: Binding, rpc: Rpc, heir: Rpc, context: Context) -> Binding:
    """The old version's *binding* with its fields under the names that they have now.

    Neither the URL nor a body shows how the fields are called that it fills.
    """
    asked = context.old_message(rpc.request), context.new_message(heir.request)
    answered = context.old_message(rpc.response), context.new_message(heir.response)

    def variable(found: re.Match[str]) -> str:
        return "{" + _path(found[1], *asked, context)

    return binding._replace(
        path=_VARIABLE.sub(variable, binding.path),
        body=_path(binding.body, *asked, context),
        response_body=_path(binding.response_body, *answered, context),
    )


def _path(path: str, was: MessageType | None, now: MessageType | None, context: Context) -> str:
    names: list[str] = []
    for name in path.split("."):
        field = was.by_name.get(name) if was else None
        heir = _heir(field, was, now) if field and was and now else None
        names.append(heir.name if heir else name)
        was = context.old_message(field.type_name) if field else None
        now = context.new_message(heir.type_name) if heir else None
    return ".".join(names)


def _heir(field: Field, was: MessageType, now: MessageType) -> Field | None:
    """The field itself, by its name or under another one."""
    same, heir = now.by_name.get(field.name), now.by_number.get(field.number)
    if same is not None or heir is None or heir.name in was.by_name:
        return same
    return heir if (heir.kind, heir.repeated) == (field.kind, field.repeated) else None
