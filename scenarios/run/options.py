"""The options of a run: pytest's command line, each also from the environment, so that CI needs no wrapper."""

import os
import re
import secrets
from pathlib import Path

import pytest

from uplab.scenarios.run.option_table import TABLE, VALUED
from uplab.scenarios.run.own_rows import frozen_set, read_own_rows
from uplab.scenarios.run.place import check_key, check_place
from uplab.scenarios.run.record import make_run_folder
from uplab.scenarios.under_test.access.access import Access
from uplab.scenarios.under_test.access.given import AccessError, read_access
from uplab.scenarios.under_test.access.real_account import RealAccount, real_account
from uplab.scenarios.under_test.access.sign_in import credentials_in
from uplab.scenarios.under_test.profile import Profile, ProfileError, load_profile
from uplab.scenarios.under_test.promise.way_in import INGRESS_SECRET
from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions
from uplab.scenarios.under_test.ways.reach import Commands, restricted, withheld
from uplab.simulator.chance import Chance
from uplab.simulator.devices.namespace import NAMESPACE, drawn_namespace
from uplab.simulator.devices.naming import Names
from uplab.simulator.errors import SimulatorError

__all__ = [
    "add_options",
    "check_workers",
    "make_folder",
    "option",
    "read_options",
    "read_verbosity",
]

LAST_BASE_PORT = 65500  # the lab listens on fewer than thirty ports from there on

_WHOSE = (
    *("--forwarder-", "--connect-", "--disconnect-", "--bind-", "--uplink-"),
    "--thingsboard-",
    *("--advertise-host", "--base-port", "--authority", "--tls-", "--look", "--broker-command", "--locale"),
)


_REPEATED = (
    ("--only", "SUITE", "run one suite: http, widgelix, thingsboard, ..., or what proves HTTP-06"),
    ("--requirement", "ID", "run what proves one requirement, as HTTP-06, or one clause of it, as HTTP-02.a"),
    ("--catalogue", "FILE", "rows of a document of your own, as MINE-01: TOML, CSV or XLSX"),
    ("--must-apply", "ID", "with --gate: a requirement that may not be not applicable"),
    ("--must-reach", "CONDITION", "with --gate: a condition that must have been met and judged, as 'FPort 0', or all"),
)


def add_options(parser: pytest.Parser) -> None:
    """Adds uplab's options to pytest."""
    group = parser.getgroup("uplab", "uplab: does the connector keep its promises?")
    for option, variable, metavar, text in TABLE:
        group.addoption(option, metavar=metavar, default=None, help=f"{text} [{variable}]")
    for option, metavar, text in _REPEATED:
        group.addoption(option, action="append", default=[], metavar=metavar, help=f"{text} (may be repeated)")
    group.addoption(
        "--replayed",
        metavar="FILE",
        default=None,
        help="run just the scenarios that this file of `uplab replay` names, where they are among what is collected",
    )
    group.addoption(
        "--player",
        action="store_true",
        help="put a player between the forwarder and the destinations, by which a plugin can alter what it delivers",
    )
    group.addoption(
        "--doubt",
        action="store_true",
        help="with --player: play kinds of bugs behind the forwarder, and tell which of them worlds see",
    )
    group.addoption(
        "--worlds-alone",
        action="store_true",
        help="play each world in a scenario of its own, in a forwarder that knows nothing of the others",
    )
    group.addoption(
        "--full",
        action="store_true",
        help="also all variants: failure generations, transports, number regimes, device models, and what takes long",
    )
    group.addoption("--shuffle", action="store_true", help="run the scenarios in an order drawn from the seed")
    group.addoption(
        "--gate",
        action="store_true",
        help="red when too little was examined, so that an empty run is no green one [UPLAB_GATE=1]",
    )


def option(config: pytest.Config, name: str) -> str | None:
    """The value of an option of the table: command line before environment, None when neither names it."""
    variable = next(v for o, v, _, _ in TABLE if o == name)
    given = config.getoption(name)
    return given if given is not None else os.environ.get(variable) or None


def _given(config: pytest.Config) -> tuple[str, ...]:
    """Which forwarder was asked for, in the words of the command line; what stands in the environment is put there."""
    words = [(name, option(config, name)) for name in VALUED if name.startswith(_WHOSE)]
    return tuple(word for name, value in words if value and value != REFERENCE_COMMAND for word in (name, value))


def _number(config: pytest.Config, name: str, default: int) -> int:
    text = option(config, name)
    try:
        return default if text is None else int(text)
    except ValueError:
        raise pytest.UsageError(f"{name} takes a whole number, not {text!r}") from None


def _yes(config: pytest.Config, name: str) -> bool:
    text = option(config, name) or "yes"
    if text.lower() not in ("yes", "no"):
        raise pytest.UsageError(f"{name} takes yes or no, not {text!r}")
    return text.lower() == "yes"


def _port(config: pytest.Config, name: str, default: int) -> int:
    port = _number(config, name, default)
    if not 0 <= port <= LAST_BASE_PORT:
        raise pytest.UsageError(f"{name} takes a port from 0 to {LAST_BASE_PORT}, not {port}")
    return port


_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def _advertised(config: pytest.Config) -> str:
    """A name or an address of IPv4, without scheme and port: it goes into certificates and into UPLAB_RESOLVE."""
    host = option(config, "--advertise-host") or "127.0.0.1"
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise pytest.UsageError(
            f"--advertise-host takes the name or IPv4 address of this machine, without scheme and port, not {host!r}"
        )
    return host


def _locale(config: pytest.Config) -> str:
    """A locale that there are names of."""
    locale = option(config, "--locale") or "en_US"
    try:
        Names(Chance(0), locale)
    except SimulatorError as error:
        raise pytest.UsageError(f"--{error}") from None
    return locale


def _profile(config: pytest.Config) -> Profile:
    """The profile as its file has it."""
    named = option(config, "--forwarder-profile")
    try:
        return load_profile(Path(named) if named else None)
    except ProfileError as error:
        raise pytest.UsageError(str(error)) from None


def _tls(config: pytest.Config, profile: Profile) -> tuple[Path | None, Path | None]:
    """The user's own certificate and its key; UsageError for one without the other, or where it has no use."""
    certificate, key = (option(config, name) for name in ("--tls-certificate", "--tls-key"))
    if (certificate is None) != (key is None):
        raise pytest.UsageError("--tls-certificate and --tls-key belong together: name both")
    if certificate and profile.ways.names != "direct":
        raise pytest.UsageError(
            f'--tls-certificate is for names that are direct, and the profile says "{profile.ways.names}" in [ways]'
        )
    for name, file in (("--tls-certificate", certificate), ("--tls-key", key)):
        if file and not Path(file).is_file():
            raise pytest.UsageError(f"{name} {file}: there is no such file")
    return Path(certificate) if certificate else None, Path(key) if key else None


def _namespace(config: pytest.Config, *, elsewhere: bool) -> str:
    """The user's own, or one that is drawn where others may test the same forwarder."""
    text = option(config, "--namespace")
    if text is None:
        return drawn_namespace() if elsewhere else ""
    if not NAMESPACE.fullmatch(text):
        raise pytest.UsageError(f"--namespace takes four hexadecimal digits in small letters, as 3f9a, not {text!r}")
    return text


_ACCESS = ("--forwarder-authority", "--forwarder-certificate", "--forwarder-key", "--forwarder-proxy")


def _access(config: pytest.Config, *addresses: str | None, elsewhere: bool) -> Access:
    """How a forwarder that runs elsewhere is reached; UsageError for what cannot be used, or has no use."""
    given = {name: option(config, name) for name in _ACCESS}
    if not elsewhere:
        if used := next((name for name, value in given.items() if value), None):
            raise pytest.UsageError(
                f"{used} is for a forwarder that runs elsewhere: name --forwarder-api, or leave it away"
            )
        return Access()
    try:
        return read_access(given, os.environ, (*addresses, os.environ.get("UPLAB_FORWARDER_OAUTH_URL")))
    except AccessError as error:
        raise pytest.UsageError(str(error)) from None


def _thingsboard(config: pytest.Config) -> RealAccount | None:
    """The user's own account, in the place of the fake's."""
    url, mqtt = option(config, "--thingsboard-url"), option(config, "--thingsboard-mqtt")
    try:
        account = real_account(url, mqtt, os.environ)
    except AccessError as error:
        raise pytest.UsageError(str(error)) from None
    if account is not None and config.getoption("--player"):
        raise pytest.UsageError("--player alters what fakes are given: leave --thingsboard-url away")
    return account


def read_options(config: pytest.Config) -> RunOptions:
    """Reads and checks the options; pytest.UsageError with one clear line where they do not fit together."""
    api, ingress, command = (
        option(config, name) for name in ("--forwarder-api", "--forwarder-ingress", "--forwarder-command")
    )
    # An empty variable is a script's mistake: it must not turn a run against one's own into one against the reference.
    profile = _profile(config)
    commands = Commands(*(option(config, f"--{name}-command") for name in ("connect", "disconnect", "bind", "uplink")))
    named = command if command is not None else os.environ.get("UPLAB_FORWARDER_COMMAND")
    check_place(api, ingress, named, commands, profile.connections)
    if ingress is not None:
        check_key(profile)
    # With nothing but commands of one's own there is nothing of ours that they could speak to.
    elsewhere = bool(api or ingress) or (command is None and commands != Commands())
    reasons = withheld(profile, elsewhere=elsewhere, commands=commands)
    certificate, key = _tls(config, profile)
    exported = option(config, "--export")
    if exported is not None and exported.partition("=")[0] != "otlp":
        raise pytest.UsageError(f"--export takes otlp, otlp=FILE or otlp=URL, not {exported!r}")
    log = option(config, "--forwarder-log")
    pages = option(config, "--forwarder-pages")
    access = _access(config, api, ingress, pages, elsewhere=elsewhere)
    read_own_rows(config)
    authority = option(config, "--authority") or (".uplab" if elsewhere else None)
    environment, account = os.environ.get, _thingsboard(config)
    return RunOptions(
        seed=_number(config, "--seed", secrets.randbelow(2**31)),
        namespace=_namespace(config, elsewhere=elsewhere or account is not None),
        thingsboard=account,
        profile=restricted(profile, reasons),
        command=None if elsewhere else command or REFERENCE_COMMAND,
        api=api.rstrip("/") if api else None,
        ingress=ingress,
        pages=pages,
        pages_login=credentials_in(os.environ),
        access=access,
        advertise_host=_advertised(config),
        base_port=_port(config, "--base-port", 18080 if elsewhere else 0),
        api_token=environment("UPLAB_FORWARDER_TOKEN"),
        oauth_client=environment("UPLAB_FORWARDER_CLIENT_ID"),
        oauth_secret=environment("UPLAB_FORWARDER_CLIENT_SECRET"),
        oauth_url=environment("UPLAB_FORWARDER_OAUTH_URL"),
        as_id=environment("UPLAB_AS_ID") or "uplab.AS",
        as_key=environment("UPLAB_AS_KEY"),
        ingress_secret=environment(INGRESS_SECRET),
        signing_secret=environment("UPLAB_SIGNING_SECRET"),
        forwarder_log=Path(log) if log else None,
        authority=Path(authority) if authority else None,
        player=config.getoption("--player"),
        broker_command=option(config, "--broker-command"),
        locale=_locale(config),
        profile_file=option(config, "--forwarder-profile"),
        version=option(config, "--forwarder-version"),
        digest=option(config, "--forwarder-digest"),
        look=_yes(config, "--look"),
        commands=commands,
        tls_certificate=certificate,
        tls_key=key,
        withheld=reasons,
        frozen=frozen_set(option(config, "--requirements")),
        given=_given(config),
    )


def check_workers(config: pytest.Config, options: RunOptions) -> None:
    """Refuses workers where they would share what there is once."""
    if not config.getoption("numprocesses", None):
        return
    if options.command is None:
        raise pytest.UsageError("a forwarder that runs elsewhere is tested by one worker: leave -n away")
    if options.base_port:
        raise pytest.UsageError("--base-port names fixed ports, which workers cannot share: leave it or -n away")


def read_verbosity(config: pytest.Config) -> int:
    """How much the user wants to see: 0, 1 with -v, -1 with -q.

    Our configuration keeps pytest itself two steps quieter than it is; -vv gives it its own words back.
    """
    wanted = int(config.option.verbose) + 2
    if config.option.collectonly:
        config.option.verbose = {-1: -1, 0: -1}.get(wanted, wanted)  # the ids, instead of their number
    elif wanted > 0:
        config.option.verbose = -2 if wanted == 1 else wanted - 1
    return wanted


def make_folder(config: pytest.Config, options: RunOptions) -> Path:
    """Makes the folder of the run where --report-dir says."""
    parent = Path(option(config, "--report-dir") or "reports/runs").resolve()
    try:
        return make_run_folder(parent, options.seed)
    except OSError as error:
        raise pytest.UsageError(f"--report-dir {parent}: {error.strerror or error}") from None
