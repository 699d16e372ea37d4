"""The parameters of the HTTP connector, and what is wrong with them beyond each one's own check."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from uplab.simulator.forwarder.connections.address import Url
from uplab.simulator.forwarder.connections.connection import Body, Configuration
from uplab.simulator.forwarder.connections.parameter import Secret, described
from uplab.simulator.forwarder.destinations.failures import Failures, Manner
from uplab.simulator.forwarder.destinations.http.widgelix import BRAND, check_address, compile_keyed
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.patterns.headers import HeaderError, Headers, compile_headers
from uplab.simulator.forwarder.platform import Generation, Platform

__all__ = ["ID", "HttpBody", "HttpConfiguration", "check", "compiled", "failures"]

ID = "actility-http-iot"

_TIAK = re.compile(r"[0-9A-Fa-f]{32}")
_STRICT = {Generation.STRICT_RESEND: Manner.STRICT_RESEND, Generation.STRICT_CLOSE: Manner.STRICT_CLOSE}


def _check_tiak(text: str) -> str:
    if not _TIAK.fullmatch(text):
        raise PydanticCustomError("tiak", "must be 32 hexadecimal digits")
    return text


Tiak = Annotated[str, AfterValidator(_check_tiak), described("^[0-9A-Fa-f]{32}$")]


class HttpConfiguration(Configuration):
    """The parameters of the HTTP connector (http.md, widgelix.md)."""

    destination_url: Annotated[Url, Field(alias="destinationURL")]
    headers: dict[str, str] = Field(default_factory=dict, max_length=100)
    blame_period: Annotated[int, Field(ge=0, le=31_536_000)] = 30
    strict_mode: bool = False
    lrc_compliance: bool = False
    tiak: Annotated[Tiak | None, Secret] = None


class HttpBody(Body):
    """A connection over HTTP, of no brand or of Widgelix."""

    connector_id: Literal["actility-http-iot"]
    brand: Literal["WIDGELIX"] | None = None
    configuration: HttpConfiguration


def check(body: HttpBody, platform: Platform) -> None:
    """Refuse what no parameter shows alone: another generation's key, another Widgelix, headers that cannot be sent."""
    configuration = body.configuration
    odd = "strict_mode" if platform.generation is Generation.BLAME else "blame_period"
    if odd in configuration.model_fields_set:
        key = to_camel(odd)
        raise InvalidError(
            f"configuration.{key}",
            f"configuration.{key} does not exist in the failure generation of this platform, {platform.generation}",
        )
    place = urlsplit(configuration.destination_url)
    port = place.port or (443 if place.scheme.lower() == "https" else 80)
    if ((place.hostname or "").lower().removesuffix("."), port) in platform.own:
        raise InvalidError(
            "configuration.destinationURL",
            "configuration.destinationURL leads back to this forwarder itself, which would go round for ever",
        )
    if body.brand == BRAND:
        check_address(configuration.destination_url, platform)
    try:
        compiled(body)
    except HeaderError as error:
        raise InvalidError(f"configuration.headers.{error.name}", str(error)) from None


def compiled(body: HttpBody) -> Headers:
    """Read the headers that go out; HeaderError names the one that is wrong."""
    headers = body.configuration.headers
    return compile_keyed(headers) if body.brand == BRAND else compile_headers(headers)


def failures(body: HttpBody, platform: Platform) -> Failures:
    """Failures are met as the platform's generation says, and strictMode where it has one."""
    blame_s = float(body.configuration.blame_period)
    if platform.generation is Generation.BLAME:
        return Failures(Manner.BLAME, blame_s)
    return Failures(_STRICT[platform.generation] if body.configuration.strict_mode else Manner.LENIENT, blame_s)
