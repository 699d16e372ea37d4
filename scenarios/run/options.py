"""The options of a run: pytest's command line, each also from the environment, so that CI needs no wrapper."""

import os
import re
import secrets
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import pytest

from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.run.record import make_run_folder
from uplab.scenarios.under_test.profile import Profile, ProfileError, load_profile
from uplab.scenarios.under_test.promise.way_in import INGRESS_SECRET
from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions

__all__ = [
    "TABLE",
    "VALUED",
    "add_options",
    "check_workers",
    "make_folder",
    "option",
    "read_options",
    "read_verbosity",
    "requirement_ids",
]

LAST_BASE_PORT = 65500  # the lab listens on the dozen ports from there on


# option, environment, metavar, help. Secrets come from the environment only: a command line is visible to everybody.
TABLE = (
    (
        "--seed",
        "UPLAB_SEED",
        "N",
        "the seed of every chance in the run; the report shows it, and the same seed repeats the run",
    ),
    (
        "--forwarder-command",
        "UPLAB_FORWARDER_COMMAND",
        "CMD",
        "the forwarder under test, started by each worker (default: the reference one)",
    ),
    (
        "--forwarder-api",
        "UPLAB_FORWARDER_API",
        "URL",
        "instead: the API of a forwarder that runs elsewhere, .../iot-flow/v1",
    ),
    ("--forwarder-ingress", "UPLAB_FORWARDER_INGRESS", "URL", "where that forwarder takes signed uplinks"),
    (
        "--forwarder-profile",
        "UPLAB_FORWARDER_PROFILE",
        "FILE",
        "its features and choices as TOML (default: the reference profile)",
    ),
    (
        "--forwarder-version",
        "UPLAB_FORWARDER_VERSION",
        "TEXT",
        "which version is tested, for reports and comparisons (default: what its ready line says)",
    ),
    (
        "--forwarder-log",
        "UPLAB_FORWARDER_LOG",
        "FILE",
        "the log of a forwarder that runs elsewhere, searched for secrets",
    ),
    (
        "--advertise-host",
        "UPLAB_ADVERTISE_HOST",
        "HOST",
        "the address under which that forwarder reaches this lab (default: 127.0.0.1)",
    ),
    (
        "--base-port",
        "UPLAB_BASE_PORT",
        "PORT",
        "first of the fixed ports that the lab then listens on (default: 18080 with --forwarder-api)",
    ),
    (
        "--authority",
        "UPLAB_AUTHORITY",
        "DIR",
        "folder of the lab's certificate authority, kept from run to run (default: .uplab with --forwarder-api)",
    ),
    (
        "--look",
        "UPLAB_LOOK",
        "yes|no",
        "whether one uplink is sent before the first scenario, to say which leg of its way is dead (default: yes)",
    ),
    (
        "--known-failing",
        "UPLAB_KNOWN_FAILING",
        "FILE",
        "scenarios that fail today, one id a line; they must fail exactly as listed",
    ),
    ("--report-dir", "UPLAB_REPORT_DIR", "DIR", "where runs are kept (default: reports/runs)"),
    (
        "--compare",
        "UPLAB_COMPARE",
        "RUN",
        "the earlier run that this one is laid beside: last (default), green (the last that was), or its folder's name",
    ),
    (
        "--gate-checks",
        "UPLAB_GATE_CHECKS",
        "N",
        "with --gate: the least number of checks that must have examined something (default: 1)",
    ),
    (
        "--gate-faults",
        "UPLAB_GATE_FAULTS",
        "N",
        "with --gate: the least number of faults that must have been delivered (default: 0)",
    ),
)


VALUED = tuple(name for name, *_ in TABLE)
_WHOSE = ("--forwarder-", "--advertise-host", "--base-port", "--authority", "--look")


def add_options(parser: pytest.Parser) -> None:
    """Adds uplab's options to pytest."""
    group = parser.getgroup("uplab", "uplab: does the connector keep its promises?")
    for option, variable, metavar, text in TABLE:
        group.addoption(option, metavar=metavar, default=None, help=f"{text} [{variable}]")
    group.addoption(
        "--only",
        action="append",
        default=[],
        metavar="SUITE",
        help="run one suite: http, widgelix, thingsboard, ... (may be repeated)",
    )
    group.addoption(
        "--requirement",
        action="append",
        default=[],
        metavar="ID",
        help="run what proves one requirement, as HTTP-06 (may be repeated)",
    )
    group.addoption(
        "--replayed",
        metavar="FILE",
        default=None,
        help="run just the scenarios that this file of `uplab replay` names, where they are among what is collected",
    )
    group.addoption("--shuffle", action="store_true", help="run the scenarios in an order drawn from the seed")
    group.addoption(
        "--gate",
        action="store_true",
        help="red when too little was examined, so that an empty run is no green one [UPLAB_GATE=1]",
    )
    group.addoption(
        "--must-apply",
        action="append",
        default=[],
        metavar="ID",
        help="with --gate: a requirement that may not be not applicable (may be repeated)",
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


def requirement_ids(name: str, ids: Sequence[str]) -> list[str]:
    """Ids of the catalogue, in whatever case they were written; UsageError with the nearest ones for any other."""
    known = catalogue()
    found = []
    for id_ in ids:
        wanted = id_.strip().upper()
        if wanted not in known:
            raise pytest.UsageError(f"{name}: there is no requirement {id_}; {_nearest_ids(wanted, list(known))}")
        found.append(wanted)
    return found


def _nearest_ids(wanted: str, known: list[str]) -> str:
    """The rows of the same document where there is one, else those that look alike, else the documents."""
    prefix = wanted.partition("-")[0]
    same = [id_ for id_ in known if id_.partition("-")[0] == prefix]
    if same:
        return f"there are {same[0]} to {same[-1]}"
    prefixes = list(dict.fromkeys(id_.partition("-")[0] for id_ in known))
    near = get_close_matches(wanted, known, n=1, cutoff=0.7)
    if not near and (alike := get_close_matches(prefix, prefixes, n=1, cutoff=0.5)):
        near = [id_ for id_ in known if id_.startswith(f"{alike[0]}-")][:1]
    return f"did you mean {near[0]}?" if near else f"they begin with {', '.join(prefixes)}, as {known[0]}"


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


def _check_place(api: str | None, ingress: str | None, command: str | None) -> None:
    """A forwarder is started by a command, or runs elsewhere; UsageError for anything between."""
    if command is not None and not command.strip():
        raise pytest.UsageError("--forwarder-command is empty: name a command, or leave it away for the reference one")
    if (api is None) != (ingress is None):
        raise pytest.UsageError(
            "--forwarder-api and --forwarder-ingress belong together: name both, or use --forwarder-command"
        )
    if api is not None and command is not None:
        raise pytest.UsageError("name either --forwarder-command or --forwarder-api with --forwarder-ingress, not both")
    for name, url in (("--forwarder-api", api), ("--forwarder-ingress", ingress)):
        if url is not None and not url.startswith(("http://", "https://")):
            raise pytest.UsageError(f"{name} takes a URL with http:// or https://, not {url!r}")


def _check_key(profile: Profile) -> None:
    """Of a forwarder that runs elsewhere: who it lets in, it has decided already; UsageError where we cannot know."""
    auth = profile.choices.ingress_auth
    if auth == "token" and not os.environ.get("UPLAB_AS_KEY"):
        raise pytest.UsageError(
            "a forwarder that runs elsewhere checks the tunnel's tokens with a key of its own: give it in UPLAB_AS_KEY"
        )
    if auth in ("header", "basic") and not os.environ.get(INGRESS_SECRET):
        what = "the value of its header" if auth == "header" else "user:password"
        raise pytest.UsageError(f"the ingress asks for a secret (ingress_auth): give {what} in {INGRESS_SECRET}")


def _profile(config: pytest.Config, *, elsewhere: bool) -> Profile:
    """The profile; what a forwarder that runs elsewhere cannot be asked for, to be killed or to scale time, is off."""
    named = option(config, "--forwarder-profile")
    try:
        profile = load_profile(Path(named) if named else None)
    except ProfileError as error:
        raise pytest.UsageError(str(error)) from None
    if not elsewhere:
        return profile
    features = profile.features.model_copy(update={"durable": False, "clock": False, "login": False})
    return profile.model_copy(update={"features": features})


def read_options(config: pytest.Config) -> RunOptions:
    """Reads and checks the options; pytest.UsageError with one clear line where they do not fit together."""
    api, ingress, command = (
        option(config, name) for name in ("--forwarder-api", "--forwarder-ingress", "--forwarder-command")
    )
    # An empty variable is a script's mistake: it must not turn a run against one's own into one against the reference.
    _check_place(api, ingress, command if command is not None else os.environ.get("UPLAB_FORWARDER_COMMAND"))
    log = option(config, "--forwarder-log")
    authority = option(config, "--authority") or (".uplab" if api else None)
    environment = os.environ.get
    profile = _profile(config, elsewhere=api is not None)
    if api is not None:
        _check_key(profile)
    return RunOptions(
        seed=_number(config, "--seed", secrets.randbelow(2**31)),
        profile=profile,
        command=None if api else command or REFERENCE_COMMAND,
        api=api.rstrip("/") if api else None,
        ingress=ingress,
        advertise_host=_advertised(config),
        base_port=_port(config, "--base-port", 18080 if api else 0),
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
        profile_file=option(config, "--forwarder-profile"),
        version=option(config, "--forwarder-version"),
        look=_yes(config, "--look"),
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
