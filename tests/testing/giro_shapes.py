"""A healthy bank, whose refusals say what they mean only by the values that they repeat."""

from __future__ import annotations

import threading
from typing import Any

from tests.testing.shapes import Code, Shape

_CURRENCIES = ("EUR", "USD")
_ENOUGH = 2**40


class Giro(Shape):
    """Accounts by numbers that the bank gives, and what goes from one to another."""

    file = "giro"

    def __init__(self) -> None:
        self.accounts: dict[str, Any] = {}
        self.transfers: list[Any] = []
        self.lock = threading.Lock()

    def open_account(self, request, context):
        if not request.holder or request.currency not in _CURRENCIES:
            context.abort(Code.INVALID_ARGUMENT, "a holder, and EUR or USD as currency")
        with self.lock:
            iban = f"XX{len(self.accounts):010}"
            self.accounts[iban] = self.kind("Account")(
                iban=iban, holder=request.holder, currency=request.currency
            )
            return self.accounts[iban]

    def _account(self, iban, context):
        if iban not in self.accounts:
            context.abort(Code.NOT_FOUND, f"there is no {iban or 'such account'}")
        return self.accounts[iban]

    def get_account(self, request, context):
        return self._account(request.iban, context)

    def change_account(self, request, context):
        account = self._account(request.iban, context)
        if request.HasField("holder"):
            if not request.holder:
                context.abort(Code.INVALID_ARGUMENT, "nobody holds it")
            account.holder = request.holder
        return account

    def transfer(self, request, context):
        payer = self._account(request.from_iban, context)
        payee = self._account(request.to_iban, context)
        if payer is payee:
            context.abort(Code.INVALID_ARGUMENT, "from_iban and to_iban are the same")
        if not 0 < request.amount < _ENOUGH:
            context.abort(Code.INVALID_ARGUMENT, "amount is out of bounds")
        with self.lock:
            payer.balance -= request.amount
            payee.balance += request.amount
            done = self.kind("Transferred")()
            done.ParseFromString(request.SerializeToString())
            self.transfers.append(done)
            return done

    def find_transfers(self, request, context):
        if request.payer_iban and request.payee_iban:
            context.abort(Code.INVALID_ARGUMENT, "payer_iban and payee_iban cannot be combined")
        wanted = self._account(request.payer_iban or request.payee_iban, context).iban
        yield from [one for one in self.transfers if wanted in (one.from_iban, one.to_iban)]
