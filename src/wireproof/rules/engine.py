"""Compare two versions of a schema: every change, and every finding of every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from wireproof.changes.change import Bump, Change
from wireproof.changes.compare import changes_between
from wireproof.changes.versions import Versions
from wireproof.errors import UnknownName
from wireproof.finding import Breaks, Evidence, Finding, Severity, Surface
from wireproof.rules.context import Context
from wireproof.rules.reach import DEPLOYS, MODES, Scope, scope_of
from wireproof.rules.rule import Break, Rule
from wireproof.rules.severities import WEIGHTS
from wireproof.rules.table import RULES
from wireproof.schema.schema import Schema

PROFILES = ("bytes", "confluent")


@dataclass(frozen=True, slots=True)
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

    def bump_of(self, change: Change) -> Bump:
        """Major where an error comes of the change, else what it makes by nature."""
        breaking = any(
            self.causes.get(f.fingerprint) is change and f.severity is Severity.ERROR
            for f in self.findings
        )
        return Bump.MAJOR if breaking else min(change.bump, Bump.MINOR, key=lambda b: b.weight)

    @property
    def bump(self) -> Bump:
        """The greatest bump of all changes."""
        if any(f.severity is Severity.ERROR and f.waived is None for f in self.findings):
            return Bump.MAJOR
        natural = (min(c.bump, Bump.MINOR, key=lambda b: b.weight) for c in self.changes)
        return max(natural, key=lambda bump: bump.weight, default=Bump.NONE)


def compare(
    old: Schema,
    new: Schema,
    *,
    mode: str = "rpc",
    profile: str = "bytes",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    rules: tuple[Rule, ...] = RULES,
) -> Comparison:
    """Every change from *old* to *new*, and what breaks of it, for whom.

    Raises UnknownName for a mode, profile or deploy order that does not exist.
    """
    for kind, name, known in (
        ("mode", mode, MODES),
        ("profile", profile, PROFILES),
        ("deploy order", deploy, DEPLOYS),
    ):
        if name not in known:
            raise UnknownName(kind, name, tuple(known))
    old, new = _aligned(old, new)
    versions = Versions(old, new)
    changes = changes_between(versions)
    context = Context(versions, lambda change, context: _breaks(change, context, rules))
    scope = scope_of(mode, surfaces, deploy)
    found = [
        (finding, change)
        for change in changes
        for rule in rules_for(rules, change)
        for broken in rule.check(change, context)
        if (finding := _finding(rule, change, broken, scope, context))
    ]
    causes = {finding.fingerprint: change for finding, change in found}
    return Comparison(old, new, mode, profile, changes, tuple(f for f, _ in found), causes)


def rules_for(rules: tuple[Rule, ...], change: Change) -> Iterator[Rule]:
    return (rule for rule in rules if type(change) in rule.on)


def _breaks(change: Change, context: Context, rules: tuple[Rule, ...]) -> Iterator[Break]:
    for rule in rules_for(rules, change):
        if rule.id not in WEIGHTS:  # what may break later does not tell two types apart
            yield from rule.check(change, context)


def _aligned(old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Two single files are versions of one file, whatever they are called."""
    if len(old.own) == len(new.own) == 1 and old.own != new.own:
        name, other = next(iter(old.own)), next(iter(new.own))
        if name not in new.by_name:
            return old, new.renamed(other, name)
    return old, new


def _finding(
    rule: Rule, change: Change, broken: Break, scope: Scope, context: Context
) -> Finding | None:
    reach = scope.reach(broken, context, registry=rule.registry)
    if not reach.surfaces:
        return None
    facts = {
        "subject": change.subject,
        "promised": broken.promised,
        "found": broken.found,
        "because": broken.because,
    }
    finding = Finding(
        id=rule.id,
        subject=change.subject,
        promised=broken.promised,
        found=broken.found,
        severity=broken.severity or WEIGHTS.get(rule.id, Severity.ERROR),
        message=rule.says.format(**facts),
        why=rule.why,
        fix=rule.fix,
        surfaces=reach.surfaces,
        breaks=reach.breaks,
        module=_module(change, context),
        location=change.location,
    )
    return _proven(finding, rule, change, broken, scope, context)


def _module(change: Change, context: Context) -> str:
    name = change.element.file.name
    modules = (context.versions.new.schema.modules, context.versions.old.schema.modules)
    return next((found[name] for found in modules if name in found), "")


def _proven(
    finding: Finding, rule: Rule, change: Change, broken: Break, scope: Scope, context: Context
) -> Finding:
    data = {Surface.WIRE, Surface.JSON, Surface.PROMISE, Surface.RPC} & set(finding.surfaces)
    if rule.show is None or not data:
        return finding
    witness = rule.show(change, broken, scope.flow(broken), context)
    if witness:
        return replace(finding, evidence=Evidence.PROVEN, witness=witness)
    shows = {Surface.WIRE, Surface.JSON, Surface.PROMISE} & set(finding.surfaces)
    return replace(finding, evidence=Evidence.UNPROVEN) if shows else finding


__all__ = ["Breaks", "Comparison", "compare", "rules_for"]
