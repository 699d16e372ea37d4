"""The description of the API, made from its routes."""

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.api.description import describe, swagger_files, swagger_page
from uplab.simulator.forwarder.web.exchange import responses
from uplab.simulator.forwarder.web.routes import Number, Routes


async def nothing(_request: Request) -> Response:
    return Response()


def made() -> Routes:
    routes = Routes("/connections", tag="Connections")
    routes.get("", operation_id="list", summary="List them", query=(Number("page", 1, 9),))(nothing)
    routes.delete("/{connection_id}", status=204, media_type="", responses=responses(404))(nothing)
    routes.post("/secret", hidden=True)(nothing)
    return routes


def test_what_has_no_tag_or_is_hidden_is_not_described() -> None:
    described = describe("T", [made(), Routes()], None)

    assert list(described["paths"]) == ["/connections", "/connections/{connection_id}"]
    assert "components" not in described


def test_operation_says_what_it_takes_and_answers() -> None:
    paths = describe("T", [made()], None)["paths"]

    listed, deleted = paths["/connections"]["get"], paths["/connections/{connection_id}"]["delete"]
    assert (listed["operationId"], listed["tags"], listed["summary"]) == ("list", ["Connections"], "List them")
    assert listed["parameters"][0]["schema"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert deleted["parameters"][0]["schema"] == {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"}
    assert list(deleted["responses"]) == ["204", "404"]
    assert "content" not in deleted["responses"]["204"]


def test_guarded_operation_needs_a_token_where_there_are_tokens() -> None:
    def guard(_request: Request) -> None:
        """Let everybody pass."""

    parts = [made().below("/v1", guard), made()]
    paths = describe("T", parts, "/token")["paths"]

    assert "security" in paths["/v1/connections"]["get"]
    assert "security" not in paths["/connections"]["get"]
    assert "security" not in describe("T", parts, None)["paths"]["/v1/connections"]["get"]


def test_page_needs_its_own_files_only() -> None:
    assert {"swagger-ui.css", "swagger-ui-bundle.js", "favicon.png"} <= {
        file.name for file in swagger_files().iterdir()
    }
    assert "://" not in swagger_page("T", "/openapi.json", "/files")
