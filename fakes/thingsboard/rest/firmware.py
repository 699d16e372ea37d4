"""The REST API of OTA packages (OtaPackageController): firmware only, whose bytes are uploaded and not linked to."""

from email.message import Message
from email.parser import BytesParser
from typing import Any

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import OK, TENANT, Call, Route, bad_request, not_found, not_here
from uplab.fakes.thingsboard.state.package import CHECKSUMS, FIRMWARE, Package, checksum
from uplab.fakes.thingsboard.state.tenant import TENANT_ADMIN

__all__ = ["ROUTES"]

_TENANT_ONLY = frozenset({TENANT_ADMIN})
_MOST = 100


def _found(call: Call) -> Package:
    identifier = call.ids["otaPackageId"]
    found = call.state.packages.get(identifier)
    if found is None or found.tenant_id != call.user.tenant_id:
        raise not_found(f"Ota package with id [{identifier}] is not found")
    return found


def _save(call: Call) -> Answer:
    fields = call.json()
    for name in ("title", "version"):
        if not fields.get(name):
            raise bad_request(f"OtaPackage {name} should be specified!")
    if fields.get("type") != FIRMWARE:
        raise not_here(f"OTA packages of the type {fields.get('type')}")
    if fields.get("url") or fields.get("usesUrl"):
        raise not_here("OTA packages that are linked to")
    if isinstance(fields.get("id"), dict):
        raise not_here("changing an OTA package")
    if len(call.state.packages) >= _MOST:
        raise bad_request(f"at most {_MOST} packages are kept")
    package = Package(call.state.new_id(), call.user.tenant_id, call.state.now(), fields)
    call.state.packages[package.id] = package
    return json_answer(200, views.package(package))


def _upload(call: Call) -> Answer:
    package = _found(call)
    algorithm = call.query.get("checksumAlgorithm", "").upper()
    if algorithm not in CHECKSUMS:
        raise bad_request(f"checksumAlgorithm must be one of {', '.join(CHECKSUMS)}")
    part = _file(call)
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        raise bad_request("OtaPackage data should be specified!")
    found = checksum(algorithm, data)
    wanted = call.query.get("checksum") or found
    if wanted.lower() != found:
        raise bad_request("Wrong firmware checksum!")
    package.data = data
    package.file = {
        "fileName": part.get_filename(),
        "contentType": part.get_content_type(),
        "checksum": found,
        "checksumAlgorithm": algorithm,
    }
    return json_answer(200, views.package(package))


def _file(call: Call) -> Message:
    """The part called `file` of a form; raises ApiError 400."""
    head = f"Content-Type: {call.request.header('Content-Type')}\r\n\r\n".encode()
    form = BytesParser().parsebytes(head + call.request.body)
    parts: Any = form.get_payload()
    for part in parts if form.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            return part  # type: ignore[no-any-return]
    raise bad_request("Required part 'file' is not present.")


def _get(call: Call) -> Answer:
    return json_answer(200, views.package(_found(call)))


def _download(call: Call) -> Answer:
    package = _found(call)
    return Answer(200, package.data, (("Content-Type", str(package.file.get("contentType"))),))


def _delete(call: Call) -> Answer:
    package = _found(call)
    if any(device.firmware_id == package.id for device in call.state.devices_of(package.tenant_id)) or any(
        profile.firmware_id == package.id for profile in call.state.profiles.of(package.tenant_id)
    ):
        raise bad_request("The otaPackage referenced by the devices cannot be deleted!")
    del call.state.packages[package.id]
    return OK


def _listed(call: Call) -> Answer:
    number, size = call.page()
    text = call.query.get("textSearch", "").lower()
    found = [
        one
        for one in call.state.packages.values()
        if one.tenant_id == call.user.tenant_id and text in str(one.fields["title"]).lower()
    ]
    keys = {"createdTime": lambda one: one.created_ms, "title": lambda one: str(one.fields["title"])}
    return json_answer(200, views.page(call.sorted(found, keys), number, size, views.package))


ROUTES = (
    Route("POST", "/api/otaPackage", _save, _TENANT_ONLY),
    Route("POST", "/api/otaPackage/{otaPackageId}", _upload, _TENANT_ONLY),
    Route("GET", "/api/otaPackage/{otaPackageId}", _get, _TENANT_ONLY),
    Route("DELETE", "/api/otaPackage/{otaPackageId}", _delete, _TENANT_ONLY),
    Route("GET", "/api/otaPackage/{otaPackageId}/download", _download, _TENANT_ONLY),
    Route("GET", "/api/otaPackage/info/{otaPackageId}", _get, TENANT),
    Route("GET", "/api/otaPackages", _listed, TENANT),
)
