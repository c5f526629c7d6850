"""Messages drawn from a source of choices: valid ones, and valid ones with one rule broken."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.values.assign import copied
from wireproof.values.breaking import Breaking, Site, sites
from wireproof.values.build import Builder, take, tied
from wireproof.values.goals import nodes
from wireproof.values.source import Source
from wireproof.values.spoilt import Invalid, violating, violation


class Spoiler:
    """Draws messages of one descriptor in which one rule is broken.

    What a single value breaks is broken in a drawn message. What takes more (a rule over several
    fields) is broken by chance, or by what `invalid` constructs, alone or next to drawn fields.
    """

    def __init__(self, builder: Builder, descriptor: Descriptor, depth: int) -> None:
        self.builder = builder
        self.descriptor = descriptor
        self.depth = depth
        known = [s for node in nodes(builder, descriptor, depth) for s in sites(builder, node)]
        by_rule = {(site.place, site.rule): site for site in known}
        self.templates = [
            (template, by_rule.get((template.place, template.rule)))
            for template in violating(builder, descriptor, depth, None)
        ]

    def draw(self, source: Source) -> Invalid:
        """An invalid message; there are none where `templates` is empty."""
        last = len(self.templates) - 1
        template, site = self.templates[source.integer(0, last, 0) if last else 0]
        spoilt = self._spoilt(site, source) if site else self._amid(template, source)
        return spoilt or Invalid(
            copied(template.message), template.path, template.place, template.rule, template.implied
        )

    def _amid(self, template: Invalid, source: Source) -> Invalid | None:
        message = self.builder.raw(self.descriptor, source, self.depth)
        found = self._alone(template, message)
        if found is None:
            plan = self.builder.planner.plan(self.descriptor)
            for member in plan.members:
                if tied(plan, member):
                    take(message, template.message, member)
            found = self._alone(template, message)
        return found

    def _alone(self, template: Invalid, message: Message) -> Invalid | None:
        """*message*, where it breaks the rule of *template* there, and no other."""
        found = self.builder.planner.faults(message)
        if [(fault.place, fault.rule) for fault in found] != [(template.place, template.rule)]:
            return None
        return Invalid(message, found[0].path, template.place, template.rule)

    def _spoilt(self, site: Site, source: Source) -> Invalid | None:
        message = self.builder.rough(self.descriptor, source, self.depth)
        last = len(site.values) - 1
        value = site.values[source.integer(0, last, 0) if last else 0]
        changed: Message = self.builder.place(message, site.route, value)
        return violation(
            self.builder, Breaking(site.rule, site.place, site.route, iter((changed,)))
        )
