"""The forwarder under test, as the user named it: a command that each worker starts, or where one runs already."""

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

from uplab.scenarios.history.credentials import passwords_in, secrets_in_command
from uplab.scenarios.history.secrets import common, register
from uplab.scenarios.under_test.profile import Profile

__all__ = ["REFERENCE_COMMAND", "RunOptions"]

REFERENCE_COMMAND = shlex.join([sys.executable, "-m", "uplab.simulator.forwarder"])


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user chose. A forwarder is a command, started by each worker, or runs elsewhere (api and ingress)."""

    seed: int
    profile: Profile
    command: str | None = REFERENCE_COMMAND
    api: str | None = None
    ingress: str | None = None
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
    profile_file: str | None = None
    version: str | None = None
    look: bool = True
    given: tuple[str, ...] = ()  # the words that say which forwarder it is, and where

    @property
    def forwarder_name(self) -> str:
        """What reports call the forwarder: its profile's name, or where it is when the profile is only the default."""
        if self.profile_file or self.command == REFERENCE_COMMAND:
            return self.profile.name
        return self.command or str(self.api)

    @property
    def standing(self) -> dict[str, bool]:
        """What the standing invariants can know: all `places`, whether `flows` bind devices, whether `one_ts` holds."""
        features = self.profile.features
        return {
            "places": self.command is not None and features.api,
            "flows": features.flows,
            "one_ts": self.profile.choices.telemetry_ts == "uplink",
        }

    @property
    def repeat(self) -> str:
        """The command that runs the suites again against the same forwarder, with the same seed."""
        return shlex.join(["uplab", "run", "--seed", str(self.seed), *self.given])

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the user gave that nothing may ever show; a password in an address is one, too."""
        return tuple(dict.fromkeys(secret for _, secret in self._named_secrets()))

    def register_secrets(self) -> list[str]:
        """Has each of them hidden and looked for from now on; says which are too common for it, or open."""
        public = (self.as_id, self.oauth_client or "")
        said = []
        if secrets_in_command(self.command or ""):
            said.append(
                "--forwarder-command holds something like a password, and everybody on this machine can read it: "
                "give it to the forwarder by its environment"
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
        ]
        for option, url in (
            ("--forwarder-api", self.api),
            ("--forwarder-ingress", self.ingress),
            ("UPLAB_FORWARDER_OAUTH_URL", self.oauth_url),
        ):
            named += [(f"the password in {option}", secret) for secret in passwords_in(url or "")]
        named += [("the password in --forwarder-command", secret) for secret in secrets_in_command(self.command or "")]
        return [(name, secret) for name, secret in named if secret]
