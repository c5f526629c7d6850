"""Every fault, by a name, with the checks of which one must see it."""

from __future__ import annotations

from dataclasses import dataclass

from contract_tests.faults import rules, streams, users
from service.v1.servicer import UserServiceV1


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the service, and what the tester must call it."""

    id: str
    servicer: type[UserServiceV1]
    found_by: tuple[str, ...]


HEALTHY = Fault("healthy", UserServiceV1, ())

FAULTS: tuple[Fault, ...] = (
    Fault("minimum-off-by-one", rules.MinimumOffByOne, ("INVALID_REQUEST_REFUSED",)),
    Fault("minimum-one-too-many", rules.MinimumOneTooMany, ("VALID_ACCEPTED",)),
    Fault("email-unchecked", rules.EmailUnchecked, ("INVALID_REQUEST_REFUSED",)),
    Fault("items-unchecked", rules.ItemsUnchecked, ("INVALID_REQUEST_REFUSED",)),
    Fault("wrong-status", rules.WrongStatus, ("INVALID_REQUEST_REFUSED",)),
    Fault("nul-crashes", rules.NulCrashes, ("SERVER_FAULT",)),
    Fault("batch-checks-first-only", rules.BatchChecksFirstOnly, ("INVALID_ITEM_REFUSED",)),
    Fault("sync-unchecked", rules.SyncUnchecked, ("INVALID_ITEM_REFUSED",)),
    Fault("update-unchecked", rules.UpdateUnchecked, ("UPDATE_KEEPS_RULES",)),
    Fault("events-unchecked", rules.EventsUnchecked, ("INVALID_REQUEST_REFUSED",)),
    Fault("get-of-nothing-internal", users.GetOfNothingInternal, ("SERVER_FAULT",)),
    Fault("get-of-nothing-ok", users.GetOfNothingOk, ("NOTHING_IS_NOT_FOUND",)),
    Fault("exception-text-leaked", users.ExceptionTextLeaked, ("INTERNALS_LEAKED",)),
    Fault("update-ignores-mask", users.UpdateIgnoresMask, ("MASK_LIMITS_UPDATE",)),
    Fault("mask-clears-unlisted", users.MaskClearsUnlisted, ("MASK_LIMITS_UPDATE",)),
    Fault("unset-treated-as-zero", users.UnsetTreatedAsZero, ("UPDATE_KEEPS_UNSET",)),
    Fault("output-only-writable", users.OutputOnlyWritable, ("OUTPUT_ONLY_IGNORED",)),
    Fault("deleted-still-listed", users.DeletedStillListed, ("LIST_HIDES_DELETED",)),
    Fault("delete-does-nothing", users.DeleteDoesNothing, ("DELETE_REMOVES",)),
    Fault("key-ignored", users.KeyIgnored, ("IDEMPOTENCY_KEY_HONOURED",)),
    Fault("page-skips-boundary", users.PageSkipsBoundary, ("PAGES_COMPLETE",)),
    Fault("last-page-has-token", users.LastPageHasToken, ("LAST_PAGE_HAS_NO_TOKEN",)),
    Fault("filter-ignored", users.FilterIgnored, ("LIST_FILTER_HONOURED",)),
    Fault("create-drops-profile", users.CreateDropsProfile, ("CREATE_KEEPS_FIELDS",)),
    Fault("batch-loses-last", streams.BatchLosesLast, ("BATCH_ACCOUNTS_FOR_ALL",)),
    Fault("batch-hides-failures", streams.BatchHidesFailures, ("BATCH_ACCOUNTS_FOR_ALL",)),
    Fault("sync-reorders", streams.SyncReorders, ("REPLIES_IN_ORDER",)),
    Fault("sync-leaks", streams.SyncLeaks, ("STREAMS_ISOLATED",)),
    Fault("events-duplicated", streams.EventsDuplicatedOnResume, ("RESUME_WITHOUT_REPEAT",)),
    Fault("events-dropped", streams.EventsDroppedOnResume, ("RESUME_WITHOUT_GAP",)),
    Fault("updates-not-told", streams.UpdatesNotTold, ("EVENTS_COMPLETE",)),
    Fault("events-twice", streams.EventsTwice, ("EVENTS_ONCE",)),
)
BY_ID = {fault.id: fault for fault in (HEALTHY, *FAULTS)}
