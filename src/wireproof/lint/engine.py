"""Lint a schema: buf's own rules by the real buf, and Wireproof's governance rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from wireproof.finding import Evidence, Finding, Severity, Surface
from wireproof.lint.buf import linted_by_buf
from wireproof.lint.linted import Linted
from wireproof.lint.policy import DEFAULT, LintPolicy, rules_of
from wireproof.lint.rule import Fault, LintRule
from wireproof.lint.table import RULES
from wireproof.schema.elements import Element
from wireproof.schema.schema import Schema
from wireproof.severities import DEFAULTS


def lint(schema: Schema, policy: LintPolicy = DEFAULT, *, buf: bool = True) -> tuple[Finding, ...]:
    """What is not well made in what *schema* itself declares.

    *buf*: its own rules too, under the configuration that the schema came with. Raises UnknownName
    for a rule that does not exist, WireproofError where buf cannot run.
    """
    ours = tuple(governed(schema, rules_of(policy)))
    return joined(linted_by_buf(schema), ours) if buf else ours


def joined(theirs: Iterable[Finding], ours: Iterable[Finding]) -> tuple[Finding, ...]:
    """One list of both engines' findings; where both say the same, one finding."""
    found, alone = list(ours), []
    for finding in theirs:
        same = [i for i, one in enumerate(found) if _same(finding, one)]
        if same:  # several elements may have that name: buf speaks of the last one above it
            index = max(same, key=lambda i: _line(found[i]))
            names = (*found[index].buf, *finding.buf)
            found[index] = replace(
                found[index], engines=("buf", "wireproof"), buf=tuple(dict.fromkeys(names))
            )
        else:
            alone.append(finding)
    return (*alone, *found)


def _same(theirs: Finding, ours: Finding) -> bool:
    if theirs.id not in _BUF[ours.id] or not theirs.location or not ours.location:
        return False
    near = theirs.location.file == ours.location.file and _line(theirs) >= _line(ours)
    return near and f'"{ours.subject.rpartition(".")[2]}"' in theirs.found


def _line(finding: Finding) -> int:
    return (finding.location.line if finding.location else None) or 0


_BUF = {rule.id: rule.buf for rule in RULES}


def governed(schema: Schema, rules: Iterable[LintRule] = RULES) -> Iterator[Finding]:
    """What Wireproof's own *rules* find."""
    for rule, element, fault in faults(schema, rules):
        yield _finding(rule, element, fault)


def faults(
    schema: Schema, rules: Iterable[LintRule] = RULES
) -> Iterator[tuple[LintRule, Element, Fault]]:
    """Each fault with the rule that finds it and the element that it is about."""
    linted, chosen = Linted(schema), tuple(rules)
    for element in linted.elements():
        for rule in chosen:
            if isinstance(element, rule.on):
                yield from ((rule, element, fault) for fault in rule.check(element, linted))


def worded(rule: LintRule, element: Element, fault: Fault) -> str:
    """The fault as a sentence."""
    return rule.says.format(subject=element.full_name, promised=fault.promised, found=fault.found)


def _finding(rule: LintRule, element: Element, fault: Fault) -> Finding:
    subject, at = element.full_name, fault.at or element
    return Finding(
        id=rule.id,
        subject=subject,
        promised=fault.promised,
        found=fault.found,
        severity=DEFAULTS.get(rule.id, Severity.ERROR),
        message=worded(rule, element, fault),
        why=rule.why,
        fix=rule.fix,
        surfaces=(Surface.SOURCE,),
        module=element.file.schema.modules.get(element.file.name, ""),
        evidence=Evidence.DERIVED,
        location=at.file.location(at.path),
    )
