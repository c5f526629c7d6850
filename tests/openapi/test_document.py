"""The document as a whole: where requests come from, and what is answered."""

from __future__ import annotations

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi.support import (
    answer_of,
    body_of,
    component,
    document,
    library,
    operation,
    parameters_of,
)
from wireproof.openapi import openapi

BOOK = {"$ref": "#/components/schemas/library.v1.Book"}


def test_the_document_is_openapi() -> None:
    """
    A validator that others maintain finds nothing wrong with it.
    """
    OpenAPIV31SpecValidator(document().content).validate()


def test_every_binding_is_an_operation_of_its_own() -> None:
    """
    Numbered within its method; a method without a binding has none.
    """
    ids = [o["operationId"] for item in document().content["paths"].values() for o in item.values()]
    assert sorted(ids) == [
        "library_v1_Library_AddBook",
        "library_v1_Library_GetBook",
        "library_v1_Library_GetBook_2",
        "library_v1_Library_GetBook_3",
        "library_v1_Library_Import",
        "library_v1_Library_LendBook",
        "library_v1_Library_ListBooks",
        "library_v1_Library_UpdateBook",
        "library_v1_Library_WatchBooks",
    ]


def test_what_openapi_cannot_say_is_left_out_with_a_reason() -> None:
    """
    Verbs that it does not know, paths that another has, fields that do not exist.
    """
    reasons = [reason.rpartition(": ")[2] for reason in document().left_out]
    assert reasons == [
        "OpenAPI has no verb PURGE",
        "another operation has this path and verb",
        "library.v1.GetBookRequest has no field nope",
    ]


def test_paths_that_differ_in_names_alone_are_one() -> None:
    """
    OpenAPI calls two such paths identical, and refuses them.
    """
    assert [*parameters_of(operation("post", "/v1/shelves/{shelf_id}/books"), "path")] == [
        "shelf_id"
    ]


def test_what_neither_path_nor_body_names_comes_from_the_query() -> None:
    """
    Fields of messages by their path; maps and what contains itself too deep cannot be said.
    """
    query = parameters_of(operation("get", "/v1/shelves/{shelf_id}/books"), "query")
    assert [*query][:2] == ["pageSize", "filter.authorName"]
    assert {"genres", "since", "lent", "after"} <= query.keys()
    assert "shelfId" not in query
    assert not {name for name in query if name.startswith("labels")}
    assert query["pageSize"]["required"] is True  # 0 breaks its rule
    assert query["genres"]["schema"]["type"] == "array"
    assert query["after"]["deprecated"] is True


def test_a_whole_body_is_the_request_without_its_path() -> None:
    """
    Who sends in the body what stands in the path would contradict it.
    """
    made = operation("post", "/v1/titles/{isbn}:lend")
    body = body_of(made)

    assert [*body["properties"]] == ["title", "reader"]
    assert [*body["properties"]["title"]["properties"]] == ["language"]
    assert body["required"] == ["reader"]
    assert made["requestBody"]["required"] is True
    assert parameters_of(made, "query") == {}


def test_a_body_may_be_one_field() -> None:
    """
    It must come where the rules ask for the field.
    """
    made = operation("post", "/v1/shelves/{shelf_id}/books")
    assert (body_of(made), made["requestBody"]["required"]) == (BOOK, True)


def test_a_body_that_nobody_validates_has_no_rules() -> None:
    """
    A partial message is not held to the rules of a whole one; without it the path still names it.
    """
    made = operation("patch", "/v1/titles/{isbn}")
    body = body_of(made)

    assert made["requestBody"]["required"] is False
    assert "isbn" not in body["properties"]
    assert "required" not in body
    assert "allOf" in body  # of a oneof there is still one branch at most
    assert [*parameters_of(made, "query")] == ["updateMask"]


def test_a_name_of_several_segments_is_put_together() -> None:
    """
    Each wildcard is a parameter, which says what it is part of.
    """
    made = parameters_of(operation("get", "/v1/shelves/{shelf}/books/{book}"), "path")
    assert [*made] == ["shelf", "book"]
    assert made["book"]["description"] == "Part of name: shelves/*/books/*"
    assert made["book"]["schema"] == {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}


def test_streams_are_arrays() -> None:
    """
    As transcoders write and read them.
    """
    made = operation("get", "/v1/shelves/{shelf_id}/books:watch")
    assert answer_of(made) == {"type": "array", "items": BOOK}
    assert body_of(operation("post", "/v1/books:import")) == {"type": "array", "items": BOOK}


def test_an_answer_may_be_one_field() -> None:
    """
    As response_body says.
    """
    made = operation("get", "/v1/shelves/{shelf_id}/books")
    assert answer_of(made) == {"type": "array", "items": BOOK}


def test_errors_are_statuses() -> None:
    """
    Whatever the HTTP code.
    """
    schemas = document().content["components"]["schemas"]
    assert [*schemas["google.rpc.Status"]["properties"]] == ["code", "message", "details"]
    for item in document().content["paths"].values():
        for made in item.values():
            error = made["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/google.rpc.Status"}


def test_comments_are_descriptions() -> None:
    """
    Of services, methods, messages, fields and values; the first sentence is a summary.
    """
    made = operation("get", "/v1/books/{name}")
    assert made["summary"] == "Gets a book"
    assert made["description"] == "Gets a book. It need not be\non its shelf."
    assert document().content["tags"] == [
        {"name": "library.v1.Library", "description": "Keeps books."}
    ]
    assert component("Book")["properties"]["isbn"]["description"] == "Its number."
    assert "- GENRE_FICTION: Made up." in component("Genre")["description"]


def test_what_is_deprecated_says_so() -> None:
    """
    Methods and fields.
    """
    assert operation("patch", "/v1/titles/{isbn}")["deprecated"] is True
    assert component("Book")["properties"]["oldTitle"]["deprecated"] is True


def test_the_same_schema_gives_the_same_document() -> None:
    """
    Byte by byte, with the digest as its version.
    """
    assert openapi(library()) == document()
    assert document().content["info"] == {
        "title": "library.v1",
        "version": library().digest[:19],
    }
    assert openapi(library(), title="T", version="1").content["info"]["title"] == "T"
