"""`uplab probe`: looks at a forwarder, and writes a first profile of it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uplab.scenarios.cli.app import OAUTH_URL, Authority, Certificate, Key, Proxy, access_by, app, fail, login_of
from uplab.scenarios.run.exit_codes import NOT_STARTED, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.under_test.target import RunOptions

__all__ = ["probe"]


def _say(what: str) -> None:
    print(f"looking at {what}", file=sys.stderr)


BARE: dict[str, Any] = {
    "name": "unknown",
    "contract": 2,
    "features": {"api": True, "flows": True, "http": True},
    "deadlines": {"delivery_s": 15},
}


@app.command()
def probe(
    forwarder_command: Annotated[
        str | None, typer.Option(envvar="UPLAB_FORWARDER_COMMAND", metavar="CMD", help="The forwarder, started here.")
    ] = None,
    forwarder_api: Annotated[
        str | None, typer.Option(envvar="UPLAB_FORWARDER_API", metavar="URL", help="Or the API of one that runs.")
    ] = None,
    forwarder_ingress: Annotated[
        str | None, typer.Option(envvar="UPLAB_FORWARDER_INGRESS", metavar="URL", help="And its ingress.")
    ] = None,
    advertise_host: Annotated[
        str, typer.Option(envvar="UPLAB_ADVERTISE_HOST", metavar="HOST", help="Where that one reaches this lab.")
    ] = "127.0.0.1",
    base_port: Annotated[
        int, typer.Option(envvar="UPLAB_BASE_PORT", min=0, max=65000, help="First of the lab's ports; 0: any.")
    ] = 0,
    name: Annotated[str, typer.Option(help="What the profile calls it.")] = "my forwarder",
    watch: Annotated[
        float, typer.Option(min=1, max=3600, metavar="SECONDS", help="How long a refused uplink is watched.")
    ] = 10,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it (default: printed).")] = None,
    authority: Annotated[
        Path, typer.Option(envvar="UPLAB_AUTHORITY", metavar="DIR", help="The folder with the lab's own authority.")
    ] = Path(".uplab"),
    forwarder_profile: Annotated[
        Path | None,
        typer.Option(
            envvar="UPLAB_FORWARDER_PROFILE", metavar="FILE", help="What is known already: its ways, limits, deadlines."
        ),
    ] = None,
    forwarder_authority: Authority = None,
    forwarder_certificate: Certificate = None,
    forwarder_key: Key = None,
    forwarder_proxy: Proxy = None,
) -> None:
    """Look at a forwarder on the wire, and write a first profile of it.

    A few connections are made and taken away again, and a few uplinks sent.
    What was seen stands beside each line; what cannot be seen from outside is
    left to you. `uplab run --forwarder-profile FILE` then judges by it. Of a
    profile that is given, how names lead to the lab, limits, deadlines and what
    the ingress asks for hold already, and are taken over.
    """
    if (forwarder_api is None) != (forwarder_ingress is None) or (forwarder_api and forwarder_command):
        fail("name --forwarder-command, or --forwarder-api with --forwarder-ingress", WRONG_USAGE)
    known = _known(forwarder_profile)
    given = {
        "--forwarder-authority": forwarder_authority,
        "--forwarder-certificate": forwarder_certificate,
        "--forwarder-key": forwarder_key,
        "--forwarder-proxy": forwarder_proxy,
    }
    if forwarder_api is None:
        options = _options(known, command=forwarder_command, base_port=base_port, advertise_host=advertise_host)
    else:
        options = _options(
            known,
            api=forwarder_api.rstrip("/"),
            ingress=forwarder_ingress,
            access=access_by(given, forwarder_api, forwarder_ingress, os.environ.get(OAUTH_URL)),
            advertise_host=advertise_host,
            base_port=base_port or 18080,
            authority=authority,
        )
    _write(_found(options, watch_s=watch, name=name, known=known), output)


def _write(text: str, output: Path | None) -> None:
    """Prints the profile, or keeps it in a file."""
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}")
    print(f"{output}: a first profile; read it, then: uplab run --forwarder-profile {output} ...")


def _options(known: Mapping[str, Any], *, command: str | None = None, **more: Any) -> RunOptions:
    """Of a forwarder that runs elsewhere, where `more` has its API, else of one that is started here."""
    from uplab.scenarios.under_test.profile import Profile  # noqa: PLC0415
    from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions  # noqa: PLC0415
    from uplab.simulator.devices.namespace import drawn_namespace  # noqa: PLC0415 - the lab is large

    elsewhere = "api" in more
    return RunOptions(
        seed=1,
        profile=Profile.model_validate(BARE | dict(known)),
        command=None if elsewhere else command or REFERENCE_COMMAND,
        namespace=drawn_namespace() if elsewhere else "",
        as_id=os.environ.get("UPLAB_AS_ID") or "uplab.AS",
        as_key=os.environ.get("UPLAB_AS_KEY"),
        ingress_secret=os.environ.get("UPLAB_INGRESS_SECRET"),
        **login_of(os.environ),
        **more,
    )


_KNOWN = ("ways", "limits", "deadlines")
_ASKED = ("ingress_auth", "ingress_header")


def _known(file: Path | None) -> dict[str, Any]:
    """The tables of a profile that say how to get to a forwarder, as far as the user has filled them in."""
    if file is None:
        return {}
    from uplab.scenarios.under_test.profile import ProfileError, load_profile  # noqa: PLC0415

    try:
        said = load_profile(file).model_dump(mode="json", exclude_unset=True)
    except ProfileError as error:
        fail(str(error), WRONG_USAGE)
    said.get("ways", {}).pop("connections", None)  # what is looked at is the API
    said["choices"] = {key: value for key, value in said.get("choices", {}).items() if key in _ASKED}
    return {table: said[table] for table in (*_KNOWN, "choices") if said.get(table)}


def _found(options: RunOptions, *, watch_s: float, name: str, known: Mapping[str, Any]) -> str:
    """The profile as text, without secrets; ends where there is nothing to look at."""
    from uplab.scenarios.history.secrets import redact_text  # noqa: PLC0415
    from uplab.scenarios.lab.authority import AuthorityError  # noqa: PLC0415
    from uplab.scenarios.lab.lab import Lab  # noqa: PLC0415
    from uplab.scenarios.lab.ports import PortError  # noqa: PLC0415
    from uplab.scenarios.look.first_look import LookError  # noqa: PLC0415
    from uplab.scenarios.look.probing import probe_forwarder, write_found  # noqa: PLC0415
    from uplab.scenarios.under_test.access.pace import TooManyError  # noqa: PLC0415
    from uplab.scenarios.under_test.answer import NoAnswerError  # noqa: PLC0415
    from uplab.scenarios.under_test.oauth import OAuthError  # noqa: PLC0415
    from uplab.scenarios.under_test.probe import TokenRefusedError  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415

    refused = (TokenRefusedError, OAuthError, TooManyError)
    for line in options.register_secrets():
        print(f"uplab: {line}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="uplab-probe-") as place:
        lab = Lab(options, folder=Path(place))
        try:
            lab.start()
            found = probe_forwarder(lab, Path(place) / "probe.jsonl", watch_s=watch_s, say=_say)
        except (ForwarderStartError, PortError, AuthorityError, LookError, NoAnswerError, *refused) as error:
            fail(str(error), NOT_STARTED)
        finally:
            lab.stop()
    return redact_text(write_found(found, name, known))
