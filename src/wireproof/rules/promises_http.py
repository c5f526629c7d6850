"""Rules over `google.api.http`: where a request line leads, and what it fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wireproof.changes import kinds
from wireproof.changes.http import Binding
from wireproof.finding import Breaks, Severity, Witness
from wireproof.rules.context import Context
from wireproof.rules.followed import followed
from wireproof.rules.routes import Route, bindings_of
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.elements import Rpc
from wireproof.witness.http import captured, plainness, same_verb, sample_paths, variables

_REST = frozenset({Breaks.REST})
_TOLD = 3
"""How many fields, or routes, a message names."""


def binding_lost(change: kinds.HttpChanged, context: Context) -> Iterator[Break]:
    for binding in change.was:
        path = _lost(binding, change.now)
        if path and not _adopted(change.old, binding, path, context, gone=False):
            yield _loss(binding, change.after, path, context)


def bindings_gone(
    change: kinds.RpcRemoved | kinds.ServiceRemoved, context: Context
) -> Iterator[Break]:
    """What leads elsewhere now one by one, what leads nowhere at once: it went with one thing."""
    nowhere: list[str] = []
    for rpc in _rpcs(change):
        for binding in bindings_of(rpc, context.versions.old_pool):
            path = sample_paths(binding.path)[0]
            if _adopted(rpc, binding, path, context, gone=True):
                continue
            lost = _loss(binding, "no method", path, context)
            if lost.because:
                yield lost
            else:
                nowhere.append(lost.promised)
    if nowhere:
        more = f" and {len(nowhere) - _TOLD} routes more" if len(nowhere) > _TOLD else ""
        told = ", ".join(nowhere[:_TOLD]) + more
        yield Break(told, "no method", promise=Flow.OLD_TO_NEW, hits=_REST)


def _rpcs(change: kinds.RpcRemoved | kinds.ServiceRemoved) -> Iterable[Rpc]:
    return (change.old,) if isinstance(change.old, Rpc) else change.old.rpcs.values()


def _loss(binding: Binding, now: str, path: str, context: Context) -> Break:
    heirs = context.routes.leading(binding.verb, path, new=True)
    led = ", ".join(dict.fromkeys(route.rpc.full_name for route in heirs))
    because = f"; {binding.verb} {path} leads to {led} now" if led else ""
    return Break(str(binding), now, because=because, promise=Flow.OLD_TO_NEW, hits=_REST)


def _lost(binding: Binding, now: Iterable[Binding]) -> str:
    """A path of the old binding that no new one takes; empty where all are taken."""
    paths = sample_paths(binding.path)
    return next((path for path in paths if not _taking(binding.verb, path, now)), "")


def _taking(verb: str, path: str, now: Iterable[Binding]) -> list[Binding]:
    return [b for b in now if same_verb(b.verb, verb) and captured(b.path, path) is not None]


def _adopted(rpc: Rpc, binding: Binding, path: str, context: Context, *, gone: bool) -> bool:
    """Whether another method takes the request and means the same by it: nobody sees a difference.

    A method that was renamed keeps its URL, with its messages or with some that are like them. One
    that was there before has the same messages, and took the request before, or takes the place of
    a method that is *gone*.
    """
    name = context.versions.new_name
    before = context.routes.leading(binding.verb, path, new=False)
    had_it = {name(route.rpc.full_name) for route in before}

    def means_the_same(heir: Rpc) -> bool:
        if heir.full_name in context.routes.methods_before:
            took_it = gone or heir.full_name in had_it
            return took_it and _both(heir) == tuple(map(name, _both(rpc)))
        pairs = zip(_both(rpc), _both(heir), strict=True)
        return all(_reads_alike(was, now, context) for was, now in pairs)

    return any(
        means_the_same(route.rpc)
        and not _differences(binding, route.binding, rpc, route.rpc, context)
        for route in context.routes.leading(binding.verb, path, new=True)
    )


def _both(rpc: Rpc) -> tuple[str, str]:
    return rpc.request, rpc.response


def _reads_alike(was: str, now: str, context: Context) -> bool:
    """Whether it is the same message, or one that holds all that it did, in JSON."""
    return context.versions.new_name(was) == now or not context.structure.messages(was, now).json


def binding_altered(change: kinds.HttpChanged, context: Context) -> Iterator[Break]:
    for binding in change.was:
        heirs = _heirs(binding, change.now)
        told = [_differences(binding, heir, change.old, change.new, context) for heir in heirs]
        found = next((pair for pair in zip(heirs, told, strict=True) if pair[1]), None)
        if found and not _lost(binding, change.now):
            yield Break(
                promised=str(binding),
                found=str(found[0]),
                because=f": {'; '.join(found[1])}",
                promise=Flow.OLD_TO_NEW,
                hits=_REST,
            )


def _heirs(binding: Binding, now: Iterable[Binding]) -> list[Binding]:
    """Those that a server may choose for the old request: of the plainest template, all."""
    taking = _taking(binding.verb, sample_paths(binding.path)[0], now)
    best = max((plainness(one.path) for one in taking), default=None)
    return [one for one in taking if plainness(one.path) == best]


def _differences(
    old: Binding, new: Binding, rpc: Rpc, heir: Rpc, context: Context
) -> tuple[str, ...]:
    """What the same request and its reply mean otherwise, in words."""
    old = followed(old, rpc, heir, context)
    path = sample_paths(old.path)[0]
    was, now = captured(old.path, path), captured(new.path, path)
    found = [] if was == now else [f"the path fills {_filled(now)}, no longer {_filled(was)}"]
    fields = _shared(rpc, heir, context)
    before = old.places(fields, variables(old.path))
    after = new.places(fields, variables(new.path))
    moved = [name for name in fields if before[name] != after[name] and was == now]
    found += [f"{n} is read from {after[n]}, no longer from {before[n]}" for n in moved[:_TOLD]]
    if len(moved) > _TOLD:
        found.append(f"and {len(moved) - _TOLD} fields more")
    if old.response_body != new.response_body:
        whole = "the whole reply"
        found.append(
            f"answers {new.response_body or whole}, no longer {old.response_body or whole}"
        )
    return tuple(found)


def _filled(variables_: dict[str, str] | None) -> str:
    return ", ".join(f"{name}={text}" for name, text in (variables_ or {}).items()) or "nothing"


def _shared(old: Rpc, new: Rpc, context: Context) -> list[str]:
    """The request's fields in both versions: one that came or went is a change of its own."""
    was, now = context.old_message(old.request), context.new_message(new.request)
    return [f.name for f in was.fields if f.name in now.by_name] if was and now else []


def shadowed(
    change: kinds.HttpChanged | kinds.RpcAdded | kinds.ServiceAdded, context: Context
) -> Iterator[Break]:
    """Requests that led to another method are taken by a route that is new."""
    new = change.new
    was = change.was if isinstance(change, kinds.HttpChanged) else ()
    for rpc in (new,) if isinstance(new, Rpc) else new.rpcs.values():
        for binding in bindings_of(rpc, context.versions.new_pool):
            if binding not in was:
                yield from _overtaken(rpc, binding, context)


def _overtaken(rpc: Rpc, binding: Binding, context: Context) -> Iterator[Break]:
    for route, path in context.routes.met(binding.verb, binding.path):
        here = context.routes.leading(binding.verb, path, new=True)
        rival = next((r for r in here if _name(r) == context.versions.new_name(_name(route))), None)
        if rival is None or _name(rival) == rpc.full_name:
            continue
        mine, its = plainness(binding.path), plainness(rival.binding.path)
        # Another service may well be served by another host, and of two that share only some
        # requests a server may try either first.
        alike = sample_paths(binding.path) == sample_paths(rival.binding.path)
        surely = alike and rpc.service.full_name == rival.rpc.service.full_name
        if mine >= its:
            yield Break(
                promised=f"{binding.verb} {path} leads to {_name(route)}",
                found=f"{binding} of {rpc.full_name}",
                because=" takes it" if mine > its else " takes it as well",
                promise=Flow.OLD_TO_NEW,
                hits=_REST,
                severity=Severity.ERROR if surely else Severity.WARNING,
            )


def _name(route: Route) -> str:
    return route.rpc.full_name


def request_line(
    change: kinds.HttpChanged | kinds.RpcRemoved | kinds.ServiceRemoved,
    broken: Break,
    _: Flow,
    context: Context,
) -> Witness | None:
    """A request as an old client sends it."""
    told = (b for b in _before(change, context) if broken.promised.startswith(str(b)))
    binding = max(told, key=lambda one: len(str(one)))
    now = change.now if isinstance(change, kinds.HttpChanged) else ()
    path = _lost(binding, now) or sample_paths(binding.path)[0]
    sent, heirs = f"{binding.verb} {path}", _taking(binding.verb, path, now)
    if heirs:
        return Witness("old", "new", written=sent, read=broken.because.removeprefix(": "))
    led = context.routes.leading(binding.verb, path, new=True)
    read = f"leads to {led[0].rpc.full_name}" if led else "404: no binding matches"
    return Witness("old", "new", written=sent, read=read)


def _before(change: object, context: Context) -> Iterator[Binding]:
    if isinstance(change, kinds.HttpChanged):
        yield from change.was
    elif isinstance(change, (kinds.RpcRemoved, kinds.ServiceRemoved)):
        for rpc in _rpcs(change):
            yield from bindings_of(rpc, context.versions.old_pool)


def shadowed_line(_change: object, broken: Break, _: Flow, _context: Context) -> Witness | None:
    line = broken.promised.partition(" leads to ")
    return Witness("old", "new", written=line[0], read=f"{broken.found}{broken.because}")


RULES: tuple[Rule, ...] = (
    Rule(
        id="HTTP_BINDING_REMOVED",
        on=(kinds.HttpChanged,),
        check=binding_lost,
        says="{subject} is no longer reached by {promised}; it has {found}{because}",
        why="Whoever calls the old URL gets 404, or another method.",
        fix="Keep the old binding under additional_bindings.",
        show=request_line,
    ),
    Rule(
        id="HTTP_BINDING_GONE",
        on=(kinds.RpcRemoved, kinds.ServiceRemoved),
        check=bindings_gone,
        says="{subject} was removed, and {promised} with it{because}",
        why="Whoever calls the old URL gets 404, or another method.",
        fix="Give the URL to the method that takes its place.",
        show=request_line,
    ),
    Rule(
        id="HTTP_BINDING_CHANGED",
        on=(kinds.HttpChanged,),
        check=binding_altered,
        says="{subject} reads {promised} otherwise{because}",
        why="The same request fills other fields, or the reply has another form.",
        fix="Keep the body, response_body and variables, or add another binding.",
        show=request_line,
    ),
    Rule(
        id="HTTP_ROUTE_SHADOWED",
        on=(kinds.HttpChanged, kinds.RpcAdded, kinds.ServiceAdded),
        check=shadowed,
        says="{promised}, but {found}{because}",
        why="Which method answers the old URL depends on how the server ranks its routes.",
        fix="Choose a path that no other method takes.",
        show=shadowed_line,
    ),
)
