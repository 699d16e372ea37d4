"""The forwarder under test, as the user named it: a command that each worker starts, or where one runs already."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from uplab.scenarios.checks.leaks import ACCOUNT_PASSWORD
from uplab.scenarios.history.common import common
from uplab.scenarios.history.credentials import passwords_in, secrets_in_command
from uplab.scenarios.history.secrets import register
from uplab.scenarios.under_test.access.access import Access
from uplab.scenarios.under_test.access.real_account import DEMO, RealAccount
from uplab.scenarios.under_test.access.sign_in import Credentials
from uplab.scenarios.under_test.profile import Profile
from uplab.scenarios.under_test.ways.reach import Commands

__all__ = ["REFERENCE_COMMAND", "RunOptions"]

REFERENCE_COMMAND = shlex.join([sys.executable, "-m", "uplab.simulator.forwarder"])


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user chose. A forwarder is a command, started by each worker, or runs elsewhere (api and ingress)."""

    seed: int
    profile: Profile
    namespace: str = ""  # none: the forwarder is this run's alone
    command: str | None = REFERENCE_COMMAND
    api: str | None = None
    ingress: str | None = None
    pages: str | None = None
    pages_login: Credentials | None = field(default=None, repr=False)
    access: Access = field(default_factory=Access)
    advertise_host: str = "127.0.0.1"
    base_port: int = 0
    allow_host: tuple[str, ...] = ()  # by which the lab may be asked, beside its own names
    api_token: str | None = field(default=None, repr=False)
    oauth_client: str | None = None
    oauth_secret: str | None = field(default=None, repr=False)
    oauth_url: str | None = None
    as_id: str = "uplab.AS"
    as_key: str | None = field(default=None, repr=False)
    ingress_secret: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    forwarder_log: Path | None = None
    authority: Path | None = None
    player: bool = False
    locale: str = "en_US"  # of the names of devices and sites
    broker_command: str | None = None  # the broker behind the lab's relay, in the place of amqtt
    profile_file: str | None = None
    version: str | None = None
    digest: str | None = None
    look: bool = True
    commands: Commands = field(default_factory=Commands)
    thingsboard: RealAccount | None = None  # a real one, in the place of the fake's
    tls_certificate: Path | None = None  # of the user's for the lab, with its key
    tls_key: Path | None = None
    withheld: Mapping[str, str] = field(default_factory=dict)  # what this forwarder is not asked for, and why
    frozen: Mapping[str, str] = field(default_factory=dict)  # clauses that are not scored, and why
    given: tuple[str, ...] = ()  # the words that say which forwarder it is, and where

    @property
    def forwarder_name(self) -> str:
        """What reports call the forwarder: its profile's name, or where it is when the profile is only the default."""
        if self.profile_file or self.is_reference:
            return self.profile.name
        return self.command or str(self.api or self.ingress or self.commands.uplink)

    @property
    def is_reference(self) -> bool:
        """Whether it is the forwarder that comes with uplab, whose pages show nothing but what the lab has made."""
        return self.command == REFERENCE_COMMAND

    @property
    def thingsboard_login(self) -> dict[str, str]:
        """`username` and `password` of connections to ThingsBoard: the demo account's, unless the user has his own."""
        return dict(DEMO) if self.thingsboard is None else self.thingsboard.login

    @property
    def standing(self) -> dict[str, Any]:
        """What the standing invariants can know: all `places`, whether `flows` bind devices, whether `one_ts` holds.

        Beside it what the profile declares of content. All are keywords of Watch.
        """
        features = self.profile.features  # what a command has bound is not known: then any connection may have it
        return {
            "places": self.command is not None,
            "flows": features.flows and features.api,
            "one_ts": self.profile.choices.telemetry_ts == "uplink",
            "documents": self.profile.format is None,
            "exact": self.profile.choices.numbers == "exact",
            "drivers": features.drivers,
            "downlinks": features.downlinks and features.api,
            "telemetry_fields": list(self.profile.choices.telemetry_fields),
            "namespace": self.namespace,
            "texts": self.profile.choices.telemetry_values == "text",
        }

    @property
    def repeat(self) -> str:
        """The command that runs the suites again against the same forwarder, with the same seed."""
        return shlex.join(["uplab", "run", "--seed", str(self.seed), *self._in_namespace, *self.given])

    @property
    def _in_namespace(self) -> tuple[str, ...]:
        return ("--namespace", self.namespace) if self.namespace else ()

    @property
    def command_lines(self) -> list[tuple[str, str]]:
        """Every command of the user's, with its option."""
        given = (
            ("--forwarder-command", self.command),
            ("--connect-command", self.commands.connect),
            ("--disconnect-command", self.commands.disconnect),
            ("--bind-command", self.commands.bind),
            ("--uplink-command", self.commands.uplink),
            ("--broker-command", self.broker_command),
        )
        return [(option, command) for option, command in given if command]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the user gave that nothing may ever show; a password in an address is one, too."""
        return tuple(dict.fromkeys(secret for _, secret in self._named_secrets()))

    def register_secrets(self) -> list[str]:
        """Has each of them hidden and looked for from now on; says which are too common for it, or open."""
        public = (self.as_id, self.oauth_client or "")
        said = []
        for option, command in self.command_lines:
            if secrets_in_command(command):
                said.append(
                    f"{option} holds something like a password, and everybody on this machine can read it: "
                    "give it to the forwarder by its environment"
                )
        typed = " ".join(sys.argv)
        for option, url, variable in (
            ("--forwarder-api", self.api, "UPLAB_FORWARDER_API"),
            ("--forwarder-ingress", self.ingress, "UPLAB_FORWARDER_INGRESS"),
        ):
            if any(password in typed for password in passwords_in(url or "")):
                said.append(
                    f"{option} holds a password, and everybody on this machine can read a command line: "
                    f"give the address by the environment, {variable}"
                )
        for name, secret in self._named_secrets():
            if why := common(secret, public):
                said.append(f"{name} {why}: it is neither hidden in what this run writes nor looked for")
            else:
                register(secret, name)
        return list(dict.fromkeys(said))

    def _named_secrets(self) -> list[tuple[str, str]]:
        """The secrets by their names for people."""
        named = [
            ("the API token", self.api_token),
            ("the client secret", self.oauth_secret),
            ("the tunnel key", self.as_key),
            ("the secret of the ingress", self.ingress_secret),
            ("the signing secret", self.signing_secret),
            ("the password for the pages", self.pages_login.password if self.pages_login else None),
            (ACCOUNT_PASSWORD, self.thingsboard.password if self.thingsboard else None),
            *self.access.named_secrets(),
        ]
        for option, url in (
            ("--forwarder-api", self.api),
            ("--forwarder-ingress", self.ingress),
            ("UPLAB_FORWARDER_OAUTH_URL", self.oauth_url),
        ):
            named += [(f"the password in {option}", secret) for secret in passwords_in(url or "")]
        for option, command in self.command_lines:
            named += [(f"the password in {option}", secret) for secret in secrets_in_command(command)]
        return [(name, secret) for name, secret in named if secret]
