"""Path templates of google.api.http as OpenAPI writes them."""

from __future__ import annotations

import pytest

from wireproof.openapi.paths import parse


@pytest.mark.parametrize(
    ("template", "path", "variables"),
    [
        ("/v1/users", "/v1/users", []),
        ("/v1/users/{user_id}", "/v1/users/{user_id}", [("user_id", "user_id", True, False)]),
        ("/v1/u/{user.user_id}", "/v1/u/{user_id}", [("user_id", "user.user_id", True, False)]),
        ("/v1/{id=*}:undo", "/v1/{id}:undo", [("id", "id", True, False)]),
        ("/v1/{path=**}", "/v1/{path}", [("path", "path", True, True)]),
        (
            "/v1/{a.id}/{b.id}",
            "/v1/{a_id}/{b_id}",
            [("a_id", "a.id", True, False), ("b_id", "b.id", True, False)],
        ),
        (
            "/v1/{name=shelves/*/books/*}:lend",
            "/v1/shelves/{shelf}/books/{book}:lend",
            [("shelf", "name", False, False), ("book", "name", False, False)],
        ),
        (
            "/v1/{name=categories/*/**}",
            "/v1/categories/{category}/{name}",
            [("category", "name", False, False), ("name", "name", False, True)],
        ),
        (
            "/v1/{parent=*/*}",
            "/v1/{parent}/{parent_2}",
            [("parent", "parent", False, False), ("parent_2", "parent", False, False)],
        ),
        ("/v1/{name=settings}", "/v1/settings", []),
        ("/v1/*/things", "/v1/{segment}/things", [("segment", "", True, False)]),
    ],
)
def test_a_template_becomes_a_path_and_its_parameters(
    template: str, path: str, variables: list[tuple[str, str, bool, bool]]
) -> None:
    """
    Parameters have names of their own without dots, and none holds a slash unless it must.
    """
    parsed = parse(template)

    assert parsed.path == path
    assert [(v.name, v.field, v.whole, v.deep) for v in parsed.variables] == variables
