"""The options of the process: command line before environment before TOML file before default."""

import argparse
import math
import os
import ssl
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from uplab.simulator.forwarder.clock import Clock, read_clock
from uplab.simulator.forwarder.codecs.package import Package, read_packages
from uplab.simulator.forwarder.hosts import read_names
from uplab.simulator.forwarder.logs import LEVELS
from uplab.simulator.forwarder.platform import WIDGELIX_URL, Generation, Platform
from uplab.simulator.forwarder.resolve import Endpoint, Transport, read_resolve, read_transports, split_host_port

__all__ = ["Settings", "SettingsError", "read_settings"]


class SettingsError(Exception):
    """An option that cannot be used; the message names it in one line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the process was told."""

    listen: Endpoint
    public_base: str | None
    allow_host: Sequence[str]
    state_dir: Path
    network_url: str | None
    as_id: str | None
    as_key: str | None
    zero_port: bool
    connections: str
    ca: Path | None
    resolve: Mapping[Endpoint, Endpoint]
    transports: Mapping[Endpoint, Transport]
    clock: Clock
    generation: Generation
    mask_headers: bool
    every_device: bool
    codecs: Sequence[Package]
    codec_zone: str
    telemetry_ts: str
    widgelix_url: str
    connection_limit: int
    concurrency: int
    timeout_s: float
    stop_s: float
    retention_h: float
    synchronous: str
    accept_loss: bool
    client_id: str | None
    client_secret: str | None
    pages_user: str | None
    pages_password: str | None
    log_level: str

    @property
    def platform(self) -> Platform:
        """What of it decides about connections."""
        return Platform(self.widgelix_url, self.generation, self.mask_headers, self._own())

    def _own(self) -> frozenset[Endpoint]:
        """Where it listens: the address itself, those of this machine where that is meant, and what leads there."""
        host, port = self.listen
        of_machine = {"localhost", "127.0.0.1", "::1"}
        hosts = {host.lower()} | (of_machine if host in {"", "0.0.0.0", "::", *of_machine} else set())  # noqa: S104
        own = {(name, port) for name in hosts}
        own |= {place for place, leads in self.resolve.items() if leads in own}
        base = urlsplit(self.public_base or "")
        if base.hostname:
            own.add((base.hostname, base.port or (443 if base.scheme == "https" else 80)))
        return frozenset(own)


class _Option(NamedTuple):
    name: str
    default: str
    read: Callable[[str], Any]
    help: str
    contract: str | None = None  # the variable of the contract that means the same
    secret: bool = False  # not on the command line, where every user of the machine can read it


def _base_url(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an http:// or https:// address without a query")
    if parts.port == 0:  # one beyond 65535 raises by itself
        raise ValueError("must not have the port 0")
    return text.rstrip("/")


def _number(least: float, *, whole: bool = False) -> Callable[[str], Any]:
    def read(text: str) -> float:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = math.nan
        if not least <= value < 1e9:
            raise ValueError(f"must be a {'whole ' if whole else ''}number of {least:g} or more, below a billion")
        return value

    return read


def _yes(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0", "yes", "no", ""):
        raise ValueError("must be true or false")
    return text.lower() in ("true", "1", "yes")


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return read


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValueError("must be a time zone of the IANA database") from None


def _generation(text: str) -> Generation:
    return Generation(_one_of(*Generation)(text))


def _pem(text: str) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"there is no file {text}")
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ValueError(f"must name a PEM file with certificates, which {text} is not") from None
    return path


def _optional(text: str) -> str | None:
    return text or None


_OPTIONS = (
    _Option(
        "listen", "127.0.0.1:0", split_host_port, "host:port to listen on; port 0 takes a free one", "UPLAB_LISTEN"
    ),
    _Option(
        "public-base", "", _base_url, "what downlink URLs begin with (default: its own address)", "UPLAB_PUBLIC_BASE"
    ),
    _Option(
        "allow-host",
        "",
        read_names,
        "names of hosts, separated by commas, by which it may be asked beside its addresses, localhost, the name that "
        "it listens on and that of public-base",
    ),
    _Option("state-dir", ".", Path, "folder of the state file", "UPLAB_STATE_DIR"),
    _Option("network-url", "", _base_url, "base URL of the network server that takes downlinks", "UPLAB_NETWORK_URL"),
    _Option("as-id", "", _optional, "AS_ID of the tunnel; without it, tokens are not checked", "UPLAB_AS_ID"),
    _Option("as-key", "", _optional, "key of the tunnel", "UPLAB_AS_KEY", secret=True),
    _Option("zero-port", "false", _yes, 'the token of a document without FPort has "0" in its place'),
    _Option(
        "connections",
        "[]",
        str,
        "connections to create at the first start, a JSON array",
        "UPLAB_CONNECTIONS",
        secret=True,
    ),
    _Option("ca", "", _pem, "PEM file of the only authorities to trust (default: the system's)", "UPLAB_CA"),
    _Option("resolve", "", read_resolve, "host:port=address:port,... instead of asking the system", "UPLAB_RESOLVE"),
    _Option(
        "transports",
        "",
        read_transports,
        "address:port=transport,...: http, https, mqtt or mqtts, where the port of a ThingsBoard does not say which",
        "UPLAB_TRANSPORTS",
    ),
    _Option("clock", "", read_clock, "epoch_s,monotonic_origin_s,rate of scheduled time", "UPLAB_CLOCK"),
    _Option(
        "failure-generation",
        "blame",
        _generation,
        "failure semantics of HTTP: blame, strict-resend, strict-close",
        "UPLAB_FAILURE_GENERATION",
    ),
    _Option("every-device", "false", _yes, "every device is bound to every connection, without a flow"),
    _Option(
        "codecs",
        "",
        read_packages,
        "codecs of your own in JavaScript, separated by commas: folders whose package.json names the application, "
        "or producer:module:version=PATH",
    ),
    _Option("codec-zone", "UTC", _zone, "time zone in which these codecs run, such as Europe/Paris"),
    _Option(
        "telemetry-ts",
        "uplink",
        _one_of("uplink", "measurement"),
        "at which time ThingsBoard is told a measurement that has one of its own: that of the uplink, or its own",
    ),
    _Option("mask-headers", "false", _yes, "show header values as ***** (observed: in clear)"),
    _Option("widgelix-url", WIDGELIX_URL, str, "the destination that WIDGELIX connections must have"),
    _Option(
        "connection-limit",
        "0",
        _number(0, whole=True),
        "connections that an account may have; 0 is no limit",
        "UPLAB_CONNECTION_LIMIT",
    ),
    _Option(
        "concurrency", "64", _number(1, whole=True), "deliveries of one connection at a time, of different devices"
    ),
    _Option("timeout-s", "10", _number(0.1), "seconds that a destination may take for an answer; never scaled"),
    _Option("stop-s", "5", _number(0), "seconds that what is in flight may still take when the process ends"),
    _Option("retention-h", "168", _number(0.001), "scheduled hours after which a waiting message is dropped"),
    # Measured end to end, FULL costs 5 % of the throughput at most: a commit is shared by some thirty messages.
    _Option("synchronous", "FULL", _one_of("FULL", "NORMAL"), "SQLite: FULL also survives a power cut"),
    _Option("accept-loss", "false", _yes, "start although the state file was damaged, with what is left of it"),
    _Option("client-id", "", _optional, "OAuth client of the API; without it, the API is open"),
    _Option("client-secret", "", _optional, "its secret", secret=True),
    _Option("pages-user", "", _optional, "who may log in on the pages; without it, they are open", "UPLAB_PAGES_USER"),
    _Option("pages-password", "", _optional, "the password of that user", "UPLAB_PAGES_PASSWORD", secret=True),
    _Option("log-level", "info", _one_of(*LEVELS), "debug, info, warning or error"),
)
_FIELDS = {"failure-generation": "generation"}


def read_settings(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Read all options; SettingsError names the one that is wrong, and --help ends the process."""
    given = vars(_parser().parse_args(arguments))
    config = given.pop("config") or environment.get("UPLAB_FORWARDER_CONFIG")
    table = _read_toml(Path(config)) if config else {}
    values: dict[str, Any] = {}
    for option in _OPTIONS:
        text, source = _text(option, given, environment, table)
        try:
            values[_FIELDS.get(option.name, option.name.replace("-", "_"))] = option.read(text)
        except ValueError as error:
            shown = "" if option.secret or str(error).startswith(("must", "there", "UPLAB")) else f" ({text!r})"
            raise SettingsError(f"{source}: {error}{shown}") from None
    settings = Settings(**{field.name: values[field.name] for field in fields(Settings)})
    for first, second in (("as_id", "as_key"), ("client_id", "client_secret"), ("pages_user", "pages_password")):
        if (getattr(settings, first) is None) != (getattr(settings, second) is None):
            raise SettingsError(f"{first} and {second} are given together or not at all")
    return settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m uplab.simulator.forwarder",
        description="The reference forwarder: behaves as ThingPark X IoT Flow is documented to. "
        "Prints one line of JSON when it is ready; its log goes to stderr.",
        epilog="Each option can also be set in the environment (UPLAB_FORWARDER_STATE_DIR for --state-dir) and in the "
        "TOML file (state-dir or state_dir). The command line goes before the environment, that before the file. "
        "Secrets are taken from environment and file only: "
        + ", ".join(f"{_variable(option)}" for option in _OPTIONS if option.secret)
        + ".",
        allow_abbrev=False,
    )
    parser.add_argument("--config", metavar="FILE.toml", help="file of options (environment: UPLAB_FORWARDER_CONFIG)")
    for option in _OPTIONS:
        if option.secret:
            continue
        default = f"; default: {option.default}" if option.default and "default" not in option.help else ""
        known = f"{_variable(option)}{f' or {option.contract}' if option.contract else ''}"
        flag: dict[str, Any] = {"nargs": "?", "const": "true"} if option.read is _yes else {}
        parser.add_argument(
            f"--{option.name}", metavar="VALUE", help=f"{option.help}{default} (environment: {known})", **flag
        )
    return parser


def _variable(option: _Option) -> str:
    return f"UPLAB_FORWARDER_{option.name.upper().replace('-', '_')}"


def _text(
    option: _Option, given: Mapping[str, Any], environment: Mapping[str, str], table: Mapping[str, Any]
) -> tuple[str, str]:
    """Find an option's text, and the name under which the user gave it."""
    if (text := given.get(option.name.replace("-", "_"))) is not None:
        return text, f"--{option.name}"
    for variable in (_variable(option), option.contract):
        if variable and environment.get(variable):
            return environment[variable], variable
    if option.name in table:
        return table[option.name], f"{option.name} in the configuration file"
    return option.default, f"--{option.name}"


def _read_toml(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the configuration file {path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the configuration file {path} is no TOML: {error}") from None
    known = {option.name for option in _OPTIONS}
    result: dict[str, str] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in known:
            raise SettingsError(f"the configuration file {path} has an unknown option {key!r}")
        if not isinstance(value, (str, int, float, bool)):
            raise SettingsError(f"{key} in {path} must be a string, a number or true or false")
        if name in result:
            raise SettingsError(f"the configuration file {path} has {name} twice, with - and with _")
        result[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return result
