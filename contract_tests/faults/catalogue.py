"""Every fault, by a name, with the checks of which one must see it."""

from __future__ import annotations

from contract_tests.faults import (
    callers,
    contents,
    lists,
    newer,
    rules,
    statuses,
    streams,
    updates,
    users,
    wire,
)
from contract_tests.faults.fault import Fault
from service import access
from service.v1.servicer import UserServiceV1

LAYERS = "service.server.layers"

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
    # validation
    Fault("maximum-off-by-one", rules.MAXIMUM_OFF_BY_ONE, ("INVALID_REQUEST_REFUSED",)),
    Fault("page-cap-off-by-one", rules.PAGE_CAP_OFF_BY_ONE, ("INVALID_REQUEST_REFUSED",)),
    Fault(
        "too-many-items",
        rules.overlooking("skills", "repeated.max_items"),
        ("INVALID_REQUEST_REFUSED",),
    ),
    Fault(
        "repeated-items",
        rules.overlooking("skills", "repeated.unique"),
        ("INVALID_REQUEST_REFUSED",),
    ),
    Fault(
        "too-many-pairs",
        rules.overlooking("metadata", "map.max_pairs"),
        ("INVALID_REQUEST_REFUSED",),
    ),
    Fault(
        "map-keys-unchecked", rules.overlooking("metadata", "string."), ("INVALID_REQUEST_REFUSED",)
    ),
    Fault("links-unchecked", rules.overlooking("url", "string.uri"), ("INVALID_REQUEST_REFUSED",)),
    Fault(
        "pattern-unchecked",
        rules.overlooking("user_id", "string.pattern"),
        ("INVALID_REQUEST_REFUSED",),
    ),
    Fault(
        "enum-unchecked",
        rules.overlooking("role", "enum."),
        ("INVALID_REQUEST_REFUSED", "SERVER_FAULT"),
    ),
    Fault(
        "required-unchecked", rules.overlooking("email", "required"), ("INVALID_REQUEST_REFUSED",)
    ),
    Fault(
        "message-rule-unchecked", rules.overlooking("", "user.status"), ("INVALID_REQUEST_REFUSED",)
    ),
    Fault("list-unchecked", rules.LIST_UNCHECKED, ("INVALID_REQUEST_REFUSED",)),
    Fault("delete-unchecked", rules.DELETE_UNCHECKED, ("INVALID_REQUEST_REFUSED",)),
    Fault("length-in-bytes", contents.LENGTH_IN_BYTES, ("VALID_ACCEPTED",)),
    Fault("hyphens-refused", contents.HYPHENS_REFUSED, ("VALID_ACCEPTED",)),
    Fault("largest-page-coerced", lists.LARGEST_PAGE_COERCED, ("INVALID_REQUEST_REFUSED",)),
    # contents
    Fault("quote-crashes", contents.name_with("'"), ("SERVER_FAULT",)),
    Fault("percent-crashes", contents.name_with("%s"), ("SERVER_FAULT",)),
    Fault("line-break-crashes", contents.name_with("\n"), ("SERVER_FAULT",)),
    Fault("astral-crashes", contents.ASTRAL_CRASHES, ("SERVER_FAULT",)),
    Fault("long-name-crashes", contents.LONG_CRASHES, ("SERVER_FAULT",)),
    Fault("empty-value-crashes", contents.EMPTY_VALUE_CRASHES, ("SERVER_FAULT",)),
    Fault("suspended-crashes", contents.SUSPENDED_CRASHES, ("SERVER_FAULT",)),
    Fault("no-profile-crashes", contents.NO_PROFILE_CRASHES, ("SERVER_FAULT",)),
    Fault("map-entry-lost", contents.MAP_ENTRY_LOST, ("CREATE_KEEPS_FIELDS",)),
    Fault("list-item-lost", contents.LIST_ITEM_LOST, ("CREATE_KEEPS_FIELDS",)),
    Fault("fields-swapped", contents.FIELDS_SWAPPED, ("CREATE_KEEPS_FIELDS",)),
    Fault("enum-value-lost", contents.ENUM_VALUE_LOST, ("ENUM_VALUE_KEPT",)),
    Fault("time-truncated", contents.TIME_TRUNCATED, ("TIMES_READ_BACK",)),
    Fault("unicode-normalised", contents.UNICODE_NORMALISED, ("READ_BACK",)),
    Fault("unicode-lost", contents.UNICODE_LOST, ("READ_BACK",)),
    Fault("text-escaped", contents.TEXT_ESCAPED, ("VALUE_COMES_BACK",)),
    Fault("text-in-latin-1", contents.TEXT_IN_LATIN_1, ("VALUE_COMES_BACK",)),
    Fault("first-line-only", contents.FIRST_LINE_ONLY, ("VALUE_COMES_BACK",)),
    Fault("text-stored-cut", contents.TEXT_STORED_CUT, ("VALUE_COMES_BACK",)),
    Fault("text-cut", contents.TEXT_CUT, ("READ_BACK",)),
    Fault("id-not-told", contents.ID_NOT_TOLD, ("READ_BACK",)),
    Fault("create-saves-nothing", contents.CREATE_SAVES_NOTHING, ("READ_BACK",)),
    Fault("get-tells-another", contents.GET_TELLS_ANOTHER, ("READ_BACK",)),
    Fault("get-is-stale", contents.GET_IS_STALE, ("DELETE_REMOVES",)),
    Fault("duplicate-accepted", contents.DUPLICATE_ACCEPTED, ("DUPLICATE_REFUSED",)),
    Fault("refused-is-stored", contents.REFUSED_IS_STORED, ("REFUSAL_CHANGES_NOTHING",)),
    # statuses
    Fault("not-found-is-invalid", statuses.NOT_FOUND_IS_INVALID, ("NOTHING_IS_NOT_FOUND",)),
    Fault(
        "not-found-is-precondition", statuses.NOT_FOUND_IS_PRECONDITION, ("NOTHING_IS_NOT_FOUND",)
    ),
    Fault("taken-is-internal", statuses.TAKEN_IS_INTERNAL, ("SERVER_FAULT",)),
    Fault("taken-is-aborted", statuses.TAKEN_IS_ABORTED, ("DUPLICATE_REFUSED",)),
    Fault("impossible-path-is-internal", statuses.IMPOSSIBLE_PATH_IS_INTERNAL, ("SERVER_FAULT",)),
    Fault(
        "impossible-path-is-not-found",
        statuses.IMPOSSIBLE_PATH_IS_NOT_FOUND,
        ("IMPOSSIBLE_PATH_REFUSED",),
    ),
    Fault(
        "invalid-is-out-of-range", statuses.INVALID_IS_OUT_OF_RANGE, ("INVALID_REQUEST_REFUSED",)
    ),
    Fault("invalid-is-unknown", statuses.INVALID_IS_UNKNOWN, ("SERVER_FAULT",)),
    Fault("details-disagree", statuses.DETAILS_DISAGREE, ("STATUS_DETAILS_AGREE",)),
    Fault("details-are-garbage", statuses.DETAILS_ARE_GARBAGE, ("STATUS_DETAILS_AGREE",)),
    Fault("details-twice", statuses.DETAILS_TWICE, ("ONE_DETAIL_A_TYPE",)),
    Fault(
        "violation-blames-another", statuses.VIOLATION_BLAMES_ANOTHER, ("VIOLATION_NAMES_FIELD",)
    ),
    Fault("sql-leaked", statuses.SQL_LEAKED, ("INTERNALS_LEAKED",)),
    # lists
    Fault("page-repeats-boundary", lists.PAGE_REPEATS_BOUNDARY, ("PAGES_DISTINCT",)),
    Fault("page-size-ignored", lists.PAGE_SIZE_IGNORED, ("PAGE_SIZE_HONOURED",)),
    Fault("page-holds-one-more", lists.PAGE_HOLDS_ONE_MORE, ("PAGE_SIZE_HONOURED",)),
    Fault("size-zero-is-empty", lists.SIZE_ZERO_IS_EMPTY, ("DEFAULT_PAGE_SIZE",)),
    Fault("order-ignored", lists.ORDER_IGNORED, ("LIST_ORDER_HONOURED",)),
    Fault("descending-ignored", lists.DESCENDING_IGNORED, ("LIST_ORDER_HONOURED",)),
    Fault("ties-lost", lists.TIES_LOST, ("PAGES_COMPLETE",)),
    Fault("pages-by-offset", lists.PAGES_BY_OFFSET, ("PAGES_COMPLETE",)),
    Fault(
        "token-of-other-filter",
        UserServiceV1,
        ("PAGE_TOKEN_BOUND",),
        {"service.pages._binding": lists.unbound},
    ),
    Fault("token-of-other-order", lists.TOKEN_OF_OTHER_ORDER, ("PAGE_TOKEN_BOUND",)),
    Fault("total-of-page", lists.TOTAL_OF_PAGE, ("TOTAL_AGREES",)),
    Fault("filter-loses-match", lists.FILTER_LOSES_MATCH, ("LIST_FILTER_HONOURED",)),
    Fault("list-mixes-items", lists.LIST_MIXES_ITEMS, ("LIST_AGREES_WITH_GET",)),
    Fault("list-never-grows", lists.LIST_NEVER_GROWS, ("LIST_SHOWS_CREATED",)),
    # updates, deletes, races
    Fault("update-answers-old", updates.UPDATE_ANSWERS_OLD, ("UPDATE_REPLY_AGREES",)),
    Fault("update-of-nothing-ok", updates.UPDATE_OF_NOTHING_OK, ("NOTHING_IS_NOT_FOUND",)),
    Fault(
        "nested-path-replaces-parent", updates.NESTED_PATH_REPLACES_PARENT, ("MASK_LIMITS_UPDATE",)
    ),
    Fault("second-path-ignored", updates.SECOND_PATH_IGNORED, ("UPDATE_APPLIED",)),
    Fault(
        "refused-update-half-done", updates.REFUSED_UPDATE_HALF_DONE, ("REFUSAL_CHANGES_NOTHING",)
    ),
    Fault("pairs-added", updates.PAIRS_ADDED, ("UPDATE_REPLACES",)),
    Fault("update-time-still", updates.UPDATE_TIME_STILL, ("UPDATE_TIME_MOVES",)),
    Fault("creation-time-moves", updates.CREATION_TIME_MOVES, ("CREATION_TIME_KEPT",)),
    Fault("delete-of-nothing-ok", updates.DELETE_OF_NOTHING_OK, ("NOTHING_IS_NOT_FOUND",)),
    Fault("update-of-deleted-ok", updates.UPDATE_OF_DELETED_OK, ("DELETED_NOT_UPDATED",)),
    Fault("deletes-the-oldest", updates.DELETES_THE_OLDEST, ("DELETE_REMOVES",)),
    Fault("creates-race", updates.CREATES_RACE, ("DUPLICATE_REFUSED",)),
    Fault("updates-race", updates.UPDATES_RACE, ("MASK_LIMITS_UPDATE", "UPDATE_APPLIED")),
    Fault("keys-race", updates.KEYS_RACE, ("IDEMPOTENCY_KEY_HONOURED",)),
    # streams
    Fault("batch-stops-at-failure", streams.BATCH_STOPS_AT_FAILURE, ("BATCH_ACCOUNTS_FOR_ALL",)),
    Fault("batch-loses-after-ten", streams.BATCH_LOSES_AFTER_TEN, ("BATCH_ACCOUNTS_FOR_ALL",)),
    Fault("batch-crashes-empty", streams.BATCH_CRASHES_EMPTY, ("SERVER_FAULT",)),
    Fault("batch-hangs-empty", streams.BATCH_HANGS_EMPTY, ("CLIENT_STREAM_ENDS",)),
    Fault("batch-saves-first-only", streams.BATCH_SAVES_FIRST_ONLY, ("BATCH_ACCOUNTS_FOR_ALL",)),
    Fault(
        "batch-hides-late-failures", streams.BATCH_HIDES_LATE_FAILURES, ("BATCH_ACCOUNTS_FOR_ALL",)
    ),
    Fault("sync-ends-early", streams.SYNC_ENDS_EARLY, ("EACH_REQUEST_ANSWERED",)),
    Fault("sync-ends-after-sixteen", streams.SYNC_ENDS_AFTER_SIXTEEN, ("EACH_REQUEST_ANSWERED",)),
    Fault("sync-never-ends", streams.SYNC_NEVER_ENDS, ("STREAM_STAYS_OPEN",)),
    Fault("sync-silent-on-error", streams.SYNC_SILENT_ON_ERROR, ("EACH_REQUEST_ANSWERED",)),
    Fault("sync-repeats-reply", streams.SYNC_REPEATS_REPLY, ("EACH_REQUEST_ANSWERED",)),
    Fault("sync-speaks-unasked", streams.SYNC_SPEAKS_UNASKED, ("EMPTY_STREAM_EMPTY",)),
    Fault("sync-keeps-nothing", streams.SYNC_KEEPS_NOTHING, ("STREAMED_CREATE_KEPT",)),
    Fault(
        "updates-told-as-created",
        streams.UPDATES_TOLD_AS_CREATED,
        ("EVENTS_COMPLETE", "EVENTS_ONCE"),
    ),
    Fault("deletes-not-told", streams.DELETES_NOT_TOLD, ("EVENTS_COMPLETE",)),
    Fault(
        "events-swapped-on-resume",
        streams.EVENTS_SWAPPED_ON_RESUME,
        ("RESUME_IN_ORDER", "RESUME_WITHOUT_GAP"),
    ),
    Fault("events-end-early", streams.EVENTS_END_EARLY, ("EVENTS_COMPLETE",)),
    Fault("events-of-everybody", streams.EVENTS_OF_EVERYBODY, ("EVENTS_FILTERED",)),
    Fault(
        "events-with-earlier-token", streams.EVENTS_WITH_EARLIER_TOKEN, ("RESUME_WITHOUT_REPEAT",)
    ),
    Fault("batch-untold", streams.BATCH_UNTOLD, ("EVENTS_COMPLETE",)),
    # callers
    *(
        Fault(
            f"{name}-asks-nobody",
            UserServiceV1,
            ("CREDENTIALS_REQUIRED",),
            {LAYERS: callers.asking_nobody(method)},
        )
        for name, method in (
            ("events", "StreamUserEvents"),
            ("sync", "SyncUsers"),
            ("list", "ListUsers"),
        )
    ),
    Fault(
        "any-token-believed",
        UserServiceV1,
        ("CREDENTIALS_REQUIRED",),
        {LAYERS: callers.believing("GetUser")},
    ),
    Fault(
        "no-token-is-invalid",
        UserServiceV1,
        ("CREDENTIALS_REQUIRED",),
        {LAYERS: callers.answering(3)},
    ),
    Fault(
        "others-readable", UserServiceV1, ("OTHERS_KEPT_OUT",), callers.open_to_anyone("GetUser")
    ),
    Fault(
        "others-writable",
        UserServiceV1,
        ("OTHERS_KEPT_OUT",),
        callers.open_to_anyone("UpdateUser"),
    ),
    Fault(
        "others-deletable",
        UserServiceV1,
        ("OTHERS_KEPT_OUT",),
        callers.open_to_anyone("DeleteUser"),
    ),
    Fault(
        "list-open-to-anyone",
        UserServiceV1,
        ("OTHERS_KEPT_OUT",),
        callers.open_to_anyone("ListUsers"),
    ),
    Fault(
        "events-open-to-anyone",
        UserServiceV1,
        ("OTHERS_KEPT_OUT",),
        callers.open_to_anyone("StreamUserEvents"),
    ),
    Fault(
        "batch-open-to-anyone",
        UserServiceV1,
        ("DENIED_ALIKE",),
        callers.open_to_anyone("BatchCreateUsers"),
    ),
    Fault(
        "sync-open-to-anyone",
        UserServiceV1,
        ("DENIED_ALIKE",),
        {"service.access.operates": access.anyone},
    ),
    Fault(
        "get-permission-late",
        callers.asked_late("GetUser", access.reads_user),
        ("PERMISSION_FIRST",),
        callers.open_to_anyone("GetUser"),
    ),
    Fault(
        "delete-permission-late",
        callers.asked_late("DeleteUser", access.deletes),
        ("PERMISSION_FIRST",),
        callers.open_to_anyone("DeleteUser"),
    ),
    Fault(
        "validated-before-permission",
        callers.asked_after_validation("UpdateUser", access.updates),
        ("PERMISSION_FIRST",),
        callers.open_to_anyone("UpdateUser"),
    ),
    Fault("keys-shared", callers.KeysShared, ("KEYS_APART",)),
    # the wire
    Fault(
        "undecodable-is-unknown",
        UserServiceV1,
        ("MALFORMED_UNKNOWN",),
        {"service.server.layers": wire.without_decoding},
    ),
    Fault(
        "undecodable-is-empty",
        UserServiceV1,
        ("MALFORMED_REFUSED",),
        {"service.server.layers": wire.guessing},
    ),
    Fault(
        "unknown-method-ok",
        UserServiceV1,
        ("UNKNOWN_METHOD_UNIMPLEMENTED",),
        {"service.server.Chain": wire.CatchAll},
    ),
    Fault("two-replies", UserServiceV1, ("ONE_REPLY",), {"service.server.Chain": wire.Doubling}),
    Fault("no-reply", UserServiceV1, ("ONE_REPLY",), {"service.server.Chain": wire.Swallowing}),
    Fault(
        "reply-is-garbage",
        UserServiceV1,
        ("REPLY_DECODES",),
        {"service.server.Chain": wire.Garbling},
    ),
    Fault("unknown-fields-crash", wire.UNKNOWN_FIELDS_CRASH, ("SERVER_FAULT",)),
    Fault("unknown-enum-crashes", wire.UNKNOWN_ENUM_CRASHES, ("SERVER_FAULT",)),
    Fault("large-message-crashes", wire.LARGE_MESSAGE_CRASHES, ("SERVER_FAULT",)),
    Fault("empty-message-crashes", wire.EMPTY_MESSAGE_CRASHES, ("SERVER_FAULT",)),
    Fault("no-mask-crashes", wire.NO_MASK_CRASHES, ("SERVER_FAULT",)),
    Fault("binary-metadata-crashes", wire.BINARY_METADATA_CRASHES, ("SERVER_FAULT",)),
    Fault("repeated-metadata-crashes", wire.REPEATED_METADATA_CRASHES, ("SERVER_FAULT",)),
    Fault("long-metadata-crashes", wire.LONG_METADATA_CRASHES, ("SERVER_FAULT",)),
    Fault("invalid-hangs", wire.INVALID_HANGS, ("CLIENT_STREAM_ENDS",)),
)
BY_ID = {fault.id: fault for fault in (HEALTHY, *FAULTS, newer.HEALTHY, *newer.FAULTS)}
