"""`uplab probe`: looks at a forwarder, and writes a first profile of it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from uplab.scenarios.cli.app import Authority, Certificate, Key, Proxy, access_by, app, fail
from uplab.scenarios.run.exit_codes import NOT_STARTED, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.under_test.target import RunOptions

__all__ = ["probe"]


def _say(what: str) -> None:
    print(f"looking at {what}", file=sys.stderr)


BARE = {
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
    forwarder_authority: Authority = None,
    forwarder_certificate: Certificate = None,
    forwarder_key: Key = None,
    forwarder_proxy: Proxy = None,
) -> None:
    """Look at a forwarder on the wire, and write a first profile of it.

    A few connections are made and taken away again, and a few uplinks sent.
    What was seen stands beside each line; what cannot be seen from outside is
    left to you. `uplab run --forwarder-profile FILE` then judges by it.
    """
    if (forwarder_api is None) != (forwarder_ingress is None) or (forwarder_api and forwarder_command):
        fail("name --forwarder-command, or --forwarder-api with --forwarder-ingress", WRONG_USAGE)
    from uplab.scenarios.under_test.access.access import Access  # noqa: PLC0415
    from uplab.scenarios.under_test.profile import Profile  # noqa: PLC0415
    from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions  # noqa: PLC0415
    from uplab.simulator.devices.namespace import drawn_namespace  # noqa: PLC0415 - the lab is large

    elsewhere = forwarder_api is not None
    given = {
        "--forwarder-authority": forwarder_authority,
        "--forwarder-certificate": forwarder_certificate,
        "--forwarder-key": forwarder_key,
        "--forwarder-proxy": forwarder_proxy,
    }
    options = RunOptions(
        seed=1,
        profile=Profile.model_validate(BARE),
        command=None if elsewhere else forwarder_command or REFERENCE_COMMAND,
        api=forwarder_api.rstrip("/") if forwarder_api else None,
        ingress=forwarder_ingress,
        access=access_by(given, forwarder_api, forwarder_ingress) if elsewhere else Access(),
        namespace=drawn_namespace() if elsewhere else "",
        advertise_host=advertise_host,
        base_port=base_port or (18080 if elsewhere else 0),
        api_token=os.environ.get("UPLAB_FORWARDER_TOKEN"),
        as_id=os.environ.get("UPLAB_AS_ID") or "uplab.AS",
        as_key=os.environ.get("UPLAB_AS_KEY"),
        authority=Path(".uplab") if elsewhere else None,
    )
    text = _found(options, watch_s=watch, name=name)
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}")
    print(f"{output}: a first profile; read it, then: uplab run --forwarder-profile {output} ...")


def _found(options: RunOptions, *, watch_s: float, name: str) -> str:
    """The profile as text, without secrets; ends where there is nothing to look at."""
    from uplab.scenarios.history.secrets import redact_text  # noqa: PLC0415
    from uplab.scenarios.lab.authority import AuthorityError  # noqa: PLC0415
    from uplab.scenarios.lab.lab import Lab  # noqa: PLC0415
    from uplab.scenarios.lab.ports import PortError  # noqa: PLC0415
    from uplab.scenarios.look.first_look import LookError  # noqa: PLC0415
    from uplab.scenarios.look.probing import probe_forwarder, write_found  # noqa: PLC0415
    from uplab.scenarios.under_test.answer import NoAnswerError  # noqa: PLC0415
    from uplab.scenarios.under_test.probe import TokenRefusedError  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415

    for line in options.register_secrets():
        print(f"uplab: {line}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="uplab-probe-") as place:
        lab = Lab(options, folder=Path(place))
        try:
            lab.start()
            found = probe_forwarder(lab, Path(place) / "probe.jsonl", watch_s=watch_s, say=_say)
        except (ForwarderStartError, PortError, AuthorityError, LookError, NoAnswerError, TokenRefusedError) as error:
            fail(str(error), NOT_STARTED)
        finally:
            lab.stop()
    return redact_text(write_found(found, name))
