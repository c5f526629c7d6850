"""Other names for all that the schema calls by a name."""

from __future__ import annotations

from contract_tests.faults.disguise import Disguise

_FILES = {"api": "depot", "user": "parcel", "user_requests": "parcel_calls"}
_FILES |= {"user_bulk": "parcel_loads", "user_event": "parcel_news", "user_service": "parcel_desk"}
_FILES |= {
    f"User{part}Proto": f"Parcel{part}Proto"
    for part in ("", "Requests", "Bulk", "Event", "Service")
}

_NOUNS = {
    "User": "Parcel",
    "UserService": "ParcelDepot",
    "UserProfile": "Manifest",
    "SocialLink": "Waybill",
    "MetadataEntry": "AttributesEntry",
    "SocialLinksEntry": "WaybillsEntry",
    "UserStatus": "Stage",
    "UserRole": "Priority",
    "UserEvent": "ParcelNews",
    "UserCreated": "ParcelAdded",
    "UserUpdated": "ParcelChanged",
    "UserDeleted": "ParcelRemoved",
    "GetUserRequest": "GetParcelRequest",
    "ListUsersRequest": "ListParcelsRequest",
    "ListUsersResponse": "ListParcelsResponse",
    "CreateUserRequest": "CreateParcelRequest",
    "UpdateUserRequest": "UpdateParcelRequest",
    "DeleteUserRequest": "DeleteParcelRequest",
    "StreamUserEventsRequest": "WatchParcelsRequest",
    "BatchCreateUsersResponse": "LoadParcelsResponse",
    "BatchCreateUsersFailure": "LoadFailure",
    "SyncUserRequest": "ExchangeParcelsRequest",
    "SyncUserResponse": "ExchangeParcelsResponse",
    "USER_STATUS_UNSPECIFIED": "STAGE_UNSPECIFIED",
    "USER_STATUS_ACTIVE": "STAGE_OPEN",
    "USER_STATUS_INACTIVE": "STAGE_PAUSED",
    "USER_STATUS_SUSPENDED": "STAGE_HELD",
    "USER_STATUS_DELETED": "STAGE_GONE",
    "USER_ROLE_UNSPECIFIED": "PRIORITY_UNSPECIFIED",
    "USER_ROLE_USER": "PRIORITY_LOW",
    "USER_ROLE_MODERATOR": "PRIORITY_MIDDLE",
    "USER_ROLE_ADMIN": "PRIORITY_HIGH",
}
# What orders a list has no shorter name than it had: a text within its longest length stays so.
_FIELDS = {
    "users": "parcels",
    "user_id": "parcel_id",
    "user_ids": "parcel_ids",
    "email": "contact",
    "display_name": "printed_label",
    "status": "progress",
    "role": "priority",
    "metadata": "attributes",
    "created_at": "entered_on",
    "updated_at": "changed_on",
    "profile": "manifest",
    "bio": "remarks",
    "avatar_url": "picture",
    "location": "shelf",
    "skills": "tags",
    "social_links": "waybills",
    "platform": "carrier",
    "url": "link",
    "verified": "sealed",
    "page_size": "max_results",
    "page_token": "cursor",
    "next_page_token": "next_cursor",
    "order_by": "sort_by",
    "total_count": "total_matches",
    "idempotency_key": "client_token",
    "update_mask": "fields",
    "resume_token": "bookmark",
    "from_beginning": "whole_history",
    "max_events": "at_most",
    "user_created": "parcel_added",
    "user_updated": "parcel_changed",
    "user_deleted": "parcel_removed",
    "event": "news",
    "timestamp": "moment",
    "updated_fields": "changed",
    "created_users": "taken_in",
    "failed_count": "turned_away",
    "errors": "complaints",
    "failures": "reasons",
    "position": "place",
    "request_id": "tag",
    "operation": "order",
    "create_user": "add_parcel",
    "update_user": "change_parcel",
    "delete_user": "remove_parcel",
    "result": "outcome",
    "deleted_user_id": "removed_parcel_id",
    "error": "trouble",
}
_STANDARD = {
    "GetUser": "GetParcel",
    "ListUsers": "ListParcels",
    "CreateUser": "CreateParcel",
    "UpdateUser": "UpdateParcel",
    "DeleteUser": "DeleteParcel",
    "StreamUserEvents": "WatchParcels",
    "BatchCreateUsers": "LoadParcels",
    "SyncUsers": "ExchangeParcels",
}
_OTHER = {
    "GetUser": "Inspect",
    "ListUsers": "Shelves",
    "CreateUser": "TakeIn",
    "UpdateUser": "Relabel",
    "DeleteUser": "HandOut",
    "StreamUserEvents": "News",
    "BatchCreateUsers": "Unload",
    "SyncUsers": "Counter",
}

PLAIN = Disguise("user")
PARCELS = Disguise("parcel", {**_FILES, **_NOUNS, **_FIELDS, **_STANDARD})
"""Another noun, other fields, the verbs that everybody uses."""
COUNTER = Disguise("counter", {**_FILES, **_NOUNS, **_FIELDS, **_OTHER})
"""And verbs that nobody uses: what methods are, only their annotations and messages tell."""

DISGUISES = {one.id: one for one in (PLAIN, PARCELS, COUNTER)}
