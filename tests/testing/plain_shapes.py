"""Healthy services that keep things, promise nothing but their messages, and keep no AIP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import count, takewhile
from typing import Any

from tests.testing.shapes import Code, Shape

_MANY = 1000
_LAG = 0.05
"""Seconds until a write shows."""


class Ledger(Shape):
    """A ledger in verbs and identifiers of its own; what is written is told to nobody."""

    file = "plain"

    def __init__(self) -> None:
        self.entries_: list[Any] = []

    def post(self, request, context):
        from google.protobuf.empty_pb2 import Empty

        self.entries_.append(request)
        return Empty()

    def entries(self, request, context):
        mine = [one for one in self.entries_ if one.account == request.account]
        start = min(request.offset, len(mine))
        page = mine[start : start + min(request.limit or 20, _MANY)]
        return self.kind("EntriesReply")(entries=page)

    def balance(self, request, context):
        cents = sum(one.cents for one in self.entries_ if one.account == request.account)
        return self.kind("BalanceReply")(cents=max(min(cents, 2**63 - 1), -(2**63)))

    def settle(self, request, context):
        from google.protobuf.empty_pb2 import Empty

        self.entries_ = [one for one in self.entries_ if one.account != request.account]
        return Empty()


class Catalogue(Shape):
    """A catalogue of which every copy catches up a while after a write."""

    file = "plain"

    def __init__(self) -> None:
        self.log: list[tuple[float, str, Any]] = []
        self.ids = count(1)

    def _copy(self) -> dict[str, Any]:
        until = time.monotonic() - _LAG
        shown: dict[str, Any] = {}
        for _, id_, item in takewhile(lambda entry: entry[0] <= until, list(self.log)):
            shown.pop(id_, None)
            if item is not None:
                shown[id_] = item
        return shown

    def add_item(self, request, context):
        item = self.kind("Item")()
        item.CopyFrom(request)
        item.id = f"item-{next(self.ids)}"
        self.log.append((time.monotonic(), item.id, item))
        return item

    def get_item(self, request, context):
        item = self._copy().get(request.id)
        if item is None:
            context.abort(Code.NOT_FOUND, "not here, or not yet")
        return item

    def list_items(self, request, context):
        items = list(self._copy().values())
        start = int(request.page_token) if request.page_token.isdigit() else 0
        size = min(max(request.page_size, 0) or 10, _MANY)
        more = str(start + size) if start + size < len(items) else ""
        page = items[start : start + size]
        return self.kind("ListItemsReply")(items=page, next_page_token=more)

    def delete_item(self, request, context):
        from google.protobuf.empty_pb2 import Empty

        self.log.append((time.monotonic(), request.id, None))
        return Empty()


class Clusters(Shape):
    """What is asked for is an operation, which is asked how it fares."""

    file = "plain"
    untested = ("DeleteCluster",)  # no reply names a cluster before it is there

    def __init__(self) -> None:
        self.clusters: dict[str, Any] = {}
        self.operations: dict[str, Any] = {}

    def _operation(self, reply: Any) -> Any:
        operation = self.kind("Operation")(name=f"operations/{len(self.operations) + 1}")
        operation.response.Pack(reply)
        self.operations[operation.name] = operation
        started = self.kind("Operation")(name=operation.name)
        operation.done = True
        return started

    def create_cluster(self, request, context):
        cluster = self.kind("Cluster")()
        cluster.CopyFrom(request.cluster)
        cluster.name = cluster.name or f"cluster-{len(self.clusters) + 1}"
        if cluster.name in self.clusters:
            context.abort(Code.ALREADY_EXISTS, "there is one of that name")
        cluster.state = "running"
        self.clusters[cluster.name] = cluster
        return self._operation(cluster)

    def get_cluster(self, request, context):
        if request.name not in self.clusters:
            context.abort(Code.NOT_FOUND, "no such cluster")
        return self.clusters[request.name]

    def delete_cluster(self, request, context):
        return self._operation(self.clusters.pop(self.get_cluster(request, context).name))

    def get_operation(self, request, context):
        if request.name not in self.operations:
            context.abort(Code.NOT_FOUND, "no such operation")
        return self.operations[request.name]


class Desk(Shape):
    """Tickets of one tenant, which the server fills in where the caller leaves something out."""

    file = "plain"

    def __init__(self) -> None:
        self.tickets: dict[int, Any] = {}

    def open_ticket(self, request, context):
        ticket = self.kind("Ticket")(id=len(self.tickets) + 1, tenant="ours", state=1)
        ticket.subject = request.subject or f"Ticket {ticket.id}"
        ticket.urgency = request.urgency if request.urgency in (1, 2) else 1
        ticket.opened.GetCurrentTime()
        self.tickets[ticket.id] = ticket
        return self.kind("OpenTicketReply")(ticket=ticket)

    def read_ticket(self, request, context):
        if request.id not in self.tickets:
            context.abort(Code.NOT_FOUND, "no such ticket")
        return self.tickets[request.id]

    def search_tickets(self, request, context):
        wanted = request.state or 1  # closed ones are shown to those who ask for them
        found = [one for one in self.tickets.values() if one.state == wanted]
        found = [one for one in reversed(found) if request.query.lower() in one.subject.lower()]
        return self.kind("SearchTicketsReply")(tickets=found[: max(request.limit, 0) or 25])

    def change_ticket(self, request, context):
        ticket = self.read_ticket(request, context)
        if ticket.state == 2:
            context.abort(Code.FAILED_PRECONDITION, "a closed ticket stays as it is")
        if request.HasField("subject"):
            ticket.subject = request.subject or ticket.subject
        if request.HasField("urgency") and request.urgency in (1, 2):
            ticket.urgency = request.urgency
        return ticket

    def close_ticket(self, request, context):
        ticket = self.read_ticket(request, context)
        ticket.state = 2
        return ticket


class Till(Shape):
    """A till: no rule stands in its schema, and every refusal is a sentence."""

    file = "plain"

    def __init__(self) -> None:
        self.charged: dict[int, Any] = {}
        self.refunds: set[str] = set()

    def charge(self, request, context):
        for wrong in _wrong_with(request):
            context.abort(Code.INVALID_ARGUMENT, wrong)
        charged = self.kind("Charged")(id=7001 + len(self.charged), state="held")
        self.charged[charged.id] = charged
        return self.kind("ChargeReply")(charged=charged)

    def capture(self, request, context):
        return self._moved(request, context, "held", "taken")

    def refund(self, request, context):
        if not request.reason:
            context.abort(Code.INVALID_ARGUMENT, "Reason is missing")
        self._moved(request, context, "taken", "given back")
        self.refunds.add(f"r-{request.charged_id}")
        return self.kind("Refunded")(refund_id=f"r-{request.charged_id}")

    def inspect(self, request, context):
        if request.refund_id not in self.refunds:
            context.abort(Code.NOT_FOUND, "no such refund")
        return self.kind("Refunded")(refund_id=request.refund_id)

    def _moved(self, request: Any, context: Any, before: str, after: str) -> Any:
        if request.charged_id not in self.charged:
            context.abort(Code.NOT_FOUND, "nothing of that number was charged")
        charged = self.charged[request.charged_id]
        if charged.state != before:
            context.abort(Code.FAILED_PRECONDITION, f"it is {charged.state}")
        charged.state = after
        return charged


def _wrong_with(request: Any) -> Iterator[str]:
    """What a till says, one thing at a time."""
    price, card = request.price, request.card
    if not re.fullmatch(r"[^@ ]+@[^@ ]+[.][a-z]+", request.customer_email):
        yield "customer_email is no e-mail address"
    if not re.fullmatch("[A-Z]{3}", price.currency_code):
        yield "price.currency_code: three capital letters, please"
    if price.units < 0 or not 0 <= price.nanos < 10**9 or not price.units + price.nanos:
        yield "the price must be positive"
    if request.WhichOneof("means") != "card":
        yield "card is the only means"
    if not re.fullmatch("[0-9]{16}", card.number):
        yield "card.number must have 16 digits"
    if not 2026 <= card.expiry_year < 2100:
        yield "card.expiryYear is out of range"
    if request.valid_from.seconds >= request.valid_until.seconds:
        yield "valid_until must be after valid_from"


SHAPES = (Ledger, Catalogue, Clusters, Desk, Till)
