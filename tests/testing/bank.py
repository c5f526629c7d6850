"""A bank without annotations: accounts, and what moves between them; a fault is a subclass."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

from tests.testing.meeting import Meeting
from tests.testing.shapes import Code, Shape

_MOST = 10**15


class Bank(Shape):
    """Accounts that are opened, deposited to, frozen once; money never appears or vanishes."""

    file, service = "bank", "Bank"

    def __init__(self) -> None:
        self.accounts: dict[str, Any] = {}
        self.replies: dict[str, tuple[bytes, Any]] = {}
        self.ids = count(1)
        self.lock = threading.RLock()

    def copy(self, account: Any) -> Any:
        copy = type(account)()
        copy.CopyFrom(account)
        return copy

    def account(self, id_: str, context: Any) -> Any:
        if id_ not in self.accounts:
            context.abort(Code.NOT_FOUND, "no such account")
        return self.accounts[id_]

    def open_account(self, request: Any, context: Any) -> Any:
        if not 0 <= request.opening_balance <= _MOST:
            context.abort(Code.OUT_OF_RANGE, "opening_balance")
        with self.lock:
            account = self.kind("Account")(id=f"acc-{next(self.ids)}")
            for name in ("owner", "kind", "currency"):
                setattr(account, name, getattr(request, name))
            account.balance = request.opening_balance
            self.accounts[account.id] = account
            return self.copy(account)

    def get_account(self, request: Any, context: Any) -> Any:
        with self.lock:
            return self.copy(self.account(request.account_id, context))

    def get_accounts(self, request: Any, context: Any) -> Any:
        del context
        with self.lock:
            found = [self.accounts[id_] for id_ in request.account_ids if id_ in self.accounts]
            return self.kind("GetAccountsReply")(accounts=found)

    def move(self, account: Any, amount: int) -> None:
        account.balance += amount

    def deposit(self, request: Any, context: Any) -> Any:
        if not 0 < request.amount <= _MOST:
            context.abort(Code.OUT_OF_RANGE, "amount")
        with self.lock:
            account = self.account(request.account_id, context)
            self.move(account, request.amount)
            return self.kind("BalanceReply")(account_id=account.id, balance=account.balance)

    def allowed(self, request: Any) -> bool:
        return bool(0 < request.amount <= _MOST)

    def transfer(self, request: Any, context: Any) -> Any:
        if not self.allowed(request):
            context.abort(Code.OUT_OF_RANGE, "amount")
        with self.lock:
            giver = self.account(request.from_account_id, context)
            taker = self.account(request.to_account_id, context)
            if giver.id == taker.id or giver.currency != taker.currency:
                context.abort(Code.FAILED_PRECONDITION, "another account of the same currency")
            if giver.frozen or taker.frozen or giver.balance < request.amount:
                context.abort(Code.FAILED_PRECONDITION, "frozen, or too little on it")
            self.move(giver, -request.amount)
            self.move(taker, request.amount)
            return self.kind("TransferReply")(
                transfer_id="t", from_balance=giver.balance, to_balance=taker.balance
            )

    def freeze_account(self, request: Any, context: Any) -> Any:
        with self.lock:
            account = self.account(request.account_id, context)
            if account.frozen:
                context.abort(Code.FAILED_PRECONDITION, "frozen already")
            account.frozen = True
            return self.copy(account)


class Boasting(Bank):
    """Tells that the account is frozen, and leaves it as it was."""

    def freeze_account(self, request: Any, context: Any) -> Any:
        frozen = super().freeze_account(request, context)
        self.accounts[frozen.id].frozen = False
        return frozen


class Sweeping(Bank):
    """Freezes everybody's accounts."""

    def freeze_account(self, request: Any, context: Any) -> Any:
        frozen = super().freeze_account(request, context)
        for account in self.accounts.values():
            account.frozen = True
        return frozen


class Losing(Bank):
    """Of two deposits at once, one is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting()

    def deposit(self, request: Any, context: Any) -> Any:
        before = self.get_account(request, context).balance
        self.meeting.wait()
        reply = super().deposit(request, context)
        self.accounts[request.account_id].balance = reply.balance = before + request.amount
        return reply


class Rounding(Bank):
    """Large deposits lose a unit."""

    def move(self, account: Any, amount: int) -> None:
        super().move(account, amount - (amount > 100))


class Owing(Bank):
    """Less than nothing can be transferred: the giver gains."""

    def allowed(self, request: Any) -> bool:
        return bool(-_MOST <= request.amount <= _MOST)


class Doubling(Bank):
    """Looks whether an account is frozen, and freezes it, with time in between."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting()

    def freeze_account(self, request: Any, context: Any) -> Any:
        frozen = self.get_account(request, context).frozen
        self.meeting.wait()
        if frozen:
            context.abort(Code.FAILED_PRECONDITION, "frozen already")
        account = self.accounts[request.account_id]
        account.frozen = True
        return self.copy(account)


class Skipping(Bank):
    """Asked for several accounts, forgets the second."""

    def get_accounts(self, request: Any, context: Any) -> Any:
        del request.account_ids[1:2]
        return super().get_accounts(request, context)
