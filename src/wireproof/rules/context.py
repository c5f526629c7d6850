"""What rules may ask of the two versions besides their change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from wireproof.changes.change import Change
from wireproof.changes.options import option_names
from wireproof.changes.versions import Versions
from wireproof.rules.masks import masked
from wireproof.rules.resources import Resources
from wireproof.rules.routes import Routes
from wireproof.rules.rule import Break
from wireproof.rules.structure import Structure
from wireproof.schema.annotated import is_bound
from wireproof.schema.elements import EnumType, MessageType, Rpc, Service
from wireproof.schema.fields import Field
from wireproof.schema.roles import ANYWHERE, Role
from wireproof.witness.sides import Sides

if TYPE_CHECKING:
    from wireproof.witness.trials import Trials


class Context:
    """The two versions, the roles of their types, and what becomes of a whole type."""

    def __init__(
        self,
        versions: Versions,
        judge: Callable[[Change, Context], Iterable[Break]],
        promises: Iterable[str] = (),
    ) -> None:
        self.versions = versions
        self.promises = frozenset(promises)
        """The options that policy marks as promises, by their full names."""
        self._found: dict[Callable[[Context], Any], Any] = {}
        self.structure = Structure(versions, lambda change: judge(change, self))

    def prepare(self) -> None:
        """Have at hand what nearly every finding asks for."""
        _ = self.versions.old_linked.pool, self.versions.new_linked.pool
        self.versions.roles.wait()

    @cached_property
    def sides(self) -> Sides:
        """Both versions' messages, ready to be written and read."""
        return Sides(self.versions)

    @cached_property
    def trials(self) -> Trials:
        """Both versions' validation rules, ready to be tried."""
        # Half of all imports: only changed rules pay for it.
        from wireproof.witness.trials import Trials

        return Trials(self.versions)

    @cached_property
    def routes(self) -> Routes:
        """Where requests over HTTP lead, in either version."""
        return Routes(self.versions)

    @cached_property
    def resources(self) -> Resources:
        """The resource types that either version declares."""
        return Resources(self.versions)

    @cached_property
    def masked(self) -> frozenset[str]:
        """The old version's messages whose fields a FieldMask may name."""
        return masked(self.versions.old)

    def once(self, of: Callable[[Context], Any]) -> Any:
        """What *of* finds in the two versions, asked once."""
        if of not in self._found:
            self._found[of] = of(self)
        return self._found[of]

    @cached_property
    def holders(self) -> Mapping[str, list[Field]]:
        """Enum → the old version's fields of it, the values of maps included."""
        found: dict[str, list[Field]] = {}
        for file in self.versions.old.files():
            inside = (field for message in file.types.values() for field in message.fields)
            for field in chain(inside, file.extensions):
                if field.kind == "enum":
                    found.setdefault(field.type_name, []).append(field)
        return found

    def pledged(self, element: Any) -> bool:
        """Whether *element*, or what holds it, bears an option that policy marks as a promise."""
        if not self.promises:
            return False
        around = (element, getattr(element, "parent", None), getattr(element, "message", None))
        pools = (self.versions.old_pool, self.versions.new_pool)
        found = (option_names(one, pool) for one in around if one is not None for pool in pools)
        return any(names & self.promises for names in found)

    def role(self, type_name: str) -> Role:
        """The role of the type that the old version calls *type_name*, in either version."""
        if not type_name:
            return ANYWHERE
        return self.versions.roles.of(type_name)

    def over_http(self, change: Change) -> Role:
        """What travels over HTTP, in both versions, of the method or the message that changed."""
        element = change.element
        if isinstance(element, Rpc | Service):
            bound = all(_bound(getattr(change, side, None)) for side in ("old", "new"))
            return Role(request=bound, response=bound, stored=False)
        holder: str = getattr(element, "holder", element.full_name)
        return self.role(holder).over_http

    def old_message(self, name: str, near: str = "") -> MessageType | None:
        """The old version's message of that name; it is looked for in the file *near* first."""
        return self.versions.old.message(name, near)

    def new_message(self, name: str, near: str = "") -> MessageType | None:
        return self.versions.new.message(name, near)

    def old_enum(self, name: str) -> EnumType | None:
        return self.versions.old.enum(name)

    def new_enum(self, name: str) -> EnumType | None:
        return self.versions.new.enum(name)


def _bound(element: Rpc | Service | None) -> bool:
    """Whether it can be called over HTTP."""
    if element is None:
        return False
    methods = element.rpcs.values() if isinstance(element, Service) else (element,)
    return any(is_bound(method.proto) for method in methods)
