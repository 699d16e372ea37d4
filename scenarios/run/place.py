"""Where the forwarder under test runs, and whether enough is known of it to begin; UsageError where it is not."""

import os

import pytest

from uplab.scenarios.under_test.profile import Profile
from uplab.scenarios.under_test.promise.way_in import INGRESS_SECRET
from uplab.scenarios.under_test.ways.reach import Commands

__all__ = ["check_key", "check_place"]


def check_place(api: str | None, ingress: str | None, command: str | None, commands: Commands, way: str) -> None:
    """A forwarder is started by a command, or runs elsewhere; UsageError for anything between."""
    if command is not None and not command.strip():
        raise pytest.UsageError("--forwarder-command is empty: name a command, or leave it away for the reference one")
    if way == "api" and (api is None) != (ingress is None) and not (api and commands.uplink):
        raise pytest.UsageError(
            "--forwarder-api and --forwarder-ingress belong together: name both, or use --forwarder-command"
        )
    if way != "api" and api is not None:
        raise pytest.UsageError(f"--forwarder-api is not asked where connections are {way}: leave it away")
    if (api or ingress) is not None and command is not None:
        raise pytest.UsageError("name either --forwarder-command or --forwarder-api with --forwarder-ingress, not both")
    if way == "commands" and commands.connect is None:
        raise pytest.UsageError("the profile says that connections come by commands: name --connect-command")
    if way != "commands" and (commands.connect or commands.disconnect or commands.bind):
        raise pytest.UsageError(
            f'the profile says that connections are "{way}": for --connect-command it must say "commands" in [ways]'
        )
    for name, url in (("--forwarder-api", api), ("--forwarder-ingress", ingress)):
        if url is not None and not url.startswith(("http://", "https://")):
            raise pytest.UsageError(f"{name} takes a URL with http:// or https://, not {url!r}")


def check_key(profile: Profile) -> None:
    """Of a forwarder that runs elsewhere: who it lets in, it has decided already; UsageError where we cannot know."""
    auth = profile.choices.ingress_auth
    if auth == "token" and not os.environ.get("UPLAB_AS_KEY"):
        raise pytest.UsageError(
            "a forwarder that runs elsewhere checks the tunnel's tokens with a key of its own: give it in UPLAB_AS_KEY"
        )
    if auth in ("header", "basic") and not os.environ.get(INGRESS_SECRET):
        what = "the value of its header" if auth == "header" else "user:password"
        raise pytest.UsageError(f"the ingress asks for a secret (ingress_auth): give {what} in {INGRESS_SECRET}")
