"""Compare two versions of a schema: every change, and every finding of every rule."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property

from wireproof.beside import spread
from wireproof.changes.change import Bump, Change
from wireproof.changes.compare import changes_between
from wireproof.changes.versions import Versions
from wireproof.cycles import sought
from wireproof.errors import UnknownName
from wireproof.finding import Evidence, Finding, Severity, Surface, Witness
from wireproof.rules.buf import Annotation, Answers, BufRefuses, asked_of_buf, has_say
from wireproof.rules.context import Context
from wireproof.rules.joined import Candidate, joined
from wireproof.rules.reach import DEPLOYS, MODES, Scope, scope_of
from wireproof.rules.rule import Break, Rule
from wireproof.rules.table import RULES
from wireproof.schema.schema import Schema
from wireproof.severities import DEFAULTS

PROFILES = ("bytes", "confluent")
ENGINES = ("buf", "wireproof")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions and what that breaks."""

    old: Schema
    new: Schema
    mode: str
    profile: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    causes: dict[str, Change] = field(default_factory=dict)
    """Fingerprint of a finding → the change that it is about."""
    between: tuple[Schema, ...] = ()
    """The versions between the two, in a history."""

    @cached_property
    def _breaking(self) -> frozenset[int]:
        """The changes of which an error comes, by identity."""
        errors = (f.fingerprint for f in self.findings if f.severity is Severity.ERROR)
        return frozenset(id(self.causes[key]) for key in errors if key in self.causes)

    def bump_of(self, change: Change) -> Bump:
        """Major where an error comes of the change, else what it makes by nature."""
        if id(change) in self._breaking:
            return Bump.MAJOR
        return min(change.bump, Bump.MINOR, key=lambda bump: bump.weight)

    @property
    def bump(self) -> Bump:
        """The greatest bump of all changes."""
        if any(f.severity is Severity.ERROR and f.waived is None for f in self.findings):
            return Bump.MAJOR
        natural = (min(c.bump, Bump.MINOR, key=lambda b: b.weight) for c in self.changes)
        return max(natural, key=lambda bump: bump.weight, default=Bump.NONE)


@sought(every=0)
def compare(
    old: Schema,
    new: Schema,
    *,
    mode: str = "rpc",
    profile: str = "bytes",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    engines: tuple[str, ...] = ENGINES,
    rules: tuple[Rule, ...] = RULES,
    promises: Iterable[str] = (),
    stored: Iterable[str] = (),
) -> Comparison:
    """Every change from *old* to *new*, and what breaks of it, for whom.

    *promises* names the options (`my.option`) whose every change policy holds to be a break,
    *stored* the messages (`my.pkg.*`) that it says are kept and read back by other versions.
    buf judges beside us in mode `rpc` where it is among the *engines*: it knows no direction.
    Raises UnknownName for a mode, profile or deploy order that does not exist, BufFailed where buf
    cannot run.
    """
    _known(mode=mode, profile=profile, deploy=deploy)
    old, new = aligned(old, new)
    if profile == "confluent":
        return _as_confluent(old, new, mode)
    scope = scope_of(mode, surfaces, deploy)
    with_buf = "buf" in engines and mode == "rpc" and profile == "bytes"
    versions = Versions(old, new, stored)
    old, new = versions.old.schema, versions.new.schema
    with asked_of_buf(old, new) if with_buf else nullcontext(tuple) as answers:
        versions.begin()
        changes = changes_between(versions)
        context = Context(
            versions, lambda change, context: _breaks(change, context, rules), promises
        )
        candidates = _candidates(changes, rules, scope, context)
        annotations = _answered(answers, alone=with_buf and "wireproof" not in engines)
    if with_buf:
        candidates = [c for c in candidates if _wanted(c, old, new)]
    both = joined(candidates, annotations, changes, scope.surfaces, (old, new))
    found = [(f, change) for f, change in both if set(f.engines) & set(engines)]
    causes = {finding.fingerprint: change for finding, change in found if change}
    return Comparison(old, new, mode, profile, changes, tuple(f for f, _ in found), causes)


def _answered(answers: Answers, *, alone: bool) -> tuple[Annotation, ...]:
    """What buf says; nothing where it refuses a valid schema that our own rules judge as well."""
    try:
        return answers()
    except BufRefuses as refusal:
        if alone:
            raise
        _log.warning("wireproof: %s", refusal)
        return ()


def _as_confluent(old: Schema, new: Schema, mode: str) -> Comparison:
    """The registry's verdict, by a table of its own."""
    from wireproof.rules import confluent  # others need none of it

    versions = Versions(old, new)
    old, new = versions.old.schema, versions.new.schema
    found = confluent.findings(versions, mode)
    changes = changes_between(versions)
    causes = {f.fingerprint: c for f in found for c in changes if c.subject == f.subject}
    return Comparison(old, new, mode, "confluent", changes, found, causes)


def _known(**chosen: str) -> None:
    for kind, known in (("mode", MODES), ("profile", PROFILES), ("deploy", DEPLOYS)):
        if chosen[kind] not in known:
            raise UnknownName(kind, chosen[kind], tuple(known))


def _candidates(
    changes: Sequence[Change], rules: tuple[Rule, ...], scope: Scope, context: Context
) -> list[Candidate]:
    """What the rules find; the changes of a large comparison are shared among the cores."""
    rows = {kind: tuple(rules_for(rules, kind)) for kind in {type(change) for change in changes}}

    def told(positions: Sequence[int]) -> list[tuple[int, Finding, tuple[str, ...]]]:
        return [
            (position, finding, rule.buf if broken.buf is None else broken.buf)
            for position in positions
            for rule in rows[type(changes[position])]
            for broken in rule.check(changes[position], context)
            if (finding := _finding(rule, changes[position], broken, scope, context))
        ]

    found = spread(told, range(len(changes)), context.prepare)
    return [Candidate(finding, changes[position], buf) for position, finding, buf in found]


def judged(
    changes: tuple[Change, ...],
    versions: Versions,
    *,
    mode: str = "rpc",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    rules: tuple[Rule, ...] = RULES,
) -> list[Finding]:
    """What our own rules say of *changes* that were found elsewhere, in a history."""
    context = Context(versions, lambda change, context: _breaks(change, context, rules))
    scope = scope_of(mode, surfaces, deploy)
    return [candidate.finding for candidate in _candidates(changes, rules, scope, context)]


def _wanted(candidate: Candidate, old: Schema, new: Schema) -> bool:
    """Whether the module's buf.yaml lets buf, or leaves us, judge such a change in such a file."""
    if not candidate.buf or not new.breaking:
        return True
    return has_say(candidate.buf, candidate.change.element.file.name, old, new)


def rules_for(rules: tuple[Rule, ...], kind: type[Change]) -> Iterator[Rule]:
    """The rules that judge changes of that *kind*."""
    return (rule for rule in rules if kind in rule.on)


def _breaks(change: Change, context: Context, rules: tuple[Rule, ...]) -> Iterator[Break]:
    for rule in rules_for(rules, type(change)):
        if rule.id not in DEFAULTS or rule.id in _AT_ONCE:
            yield from rule.check(change, context)


# Of the weaker rules, what loses data today; what may break later tells no two types apart.
_AT_ONCE = frozenset(
    {"FIELD_UTF8_CHANGED", "ENUM_VALUE_ADDED_TO_CLOSED", "ENUM_VALUE_WRITTEN_NAME_CHANGED"}
)


def aligned(old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Two single files are versions of one file, whatever they are called."""
    if len(old.own) == len(new.own) == 1 and old.own != new.own:
        name, other = next(iter(old.own)), next(iter(new.own))
        if name not in new.by_name:
            return old, new.renamed(other, name)
    return old, new


def _finding(
    rule: Rule, change: Change, broken: Break, scope: Scope, context: Context
) -> Finding | None:
    reach = scope.reach(broken, change, context, registry=rule.registry)
    if not reach.surfaces:
        return None
    facts = {
        "subject": change.subject,
        "promised": broken.promised,
        "found": broken.found,
        "because": broken.because,
    }
    evidence, witness = _shown(rule, change, broken, set(reach.surfaces), scope, context)
    return Finding(
        id=rule.id,
        subject=change.subject,
        promised=broken.promised,
        found=broken.found,
        severity=broken.severity or DEFAULTS.get(rule.id, Severity.ERROR),
        message=rule.says.format(**facts),
        why=rule.why,
        fix=rule.fix,
        surfaces=reach.surfaces,
        breaks=reach.breaks,
        module=_module(change, context),
        location=change.location,
        evidence=evidence,
        witness=witness,
    )


def _module(change: Change, context: Context) -> str:
    name = change.element.file.name
    modules = (context.versions.new.schema.modules, context.versions.old.schema.modules)
    return next((found[name] for found in modules if name in found), "")


def _shown(
    rule: Rule,
    change: Change,
    broken: Break,
    surfaces: set[Surface],
    scope: Scope,
    context: Context,
) -> tuple[Evidence, Witness | None]:
    """How sure a finding on *surfaces* is, and the message that shows it, where one is found."""
    if rule.show is None or not surfaces & _SHOWING:
        return Evidence.DERIVED, None
    witness = rule.show(change, broken, scope.flow(broken), context)
    if witness:
        return Evidence.PROVEN, witness
    # A call that breaks without a message is no data that was looked for in vain.
    return (Evidence.UNPROVEN if surfaces & _SHOWING - {Surface.RPC} else Evidence.DERIVED), None


_SHOWING = {Surface.WIRE, Surface.JSON, Surface.PROMISE, Surface.RPC}
"""Where a message may show a break."""
