"""Environments of the clients that nobody here wrote: each in a folder of its own, its versions pinned, made once.

Two of them overwrite each other's packages (tb-paho-mqtt-client and paho-mqtt), so none of them may share the project's
environment. `python -m tests.clients.environments [NAME...]` makes them; `.cache/clients` keeps them, by a digest of
what is in each, so that another version makes another folder.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Final

import pytest

__all__ = ["NODE", "PYTHON", "EnvironmentMissingError", "environment", "make", "more", "required"]

_ROOT: Final = Path(__file__).parents[2]
_CACHE: Final = Path(os.environ.get("UPLAB_CLIENTS_CACHE") or _ROOT / ".cache" / "clients")
_READY: Final = ".ready"
_MADE_S: Final = 300  # one environment; a registry that does not answer is given up sooner
_PIP: Final = ("--quiet", "--disable-pip-version-check", "--timeout", "20", "--retries", "2")
_NPM: Final = ("--no-audit", "--no-fund", "--silent", "--fetch-timeout=20000", "--fetch-retries=2")

PYTHON: Final[dict[str, tuple[str, ...]]] = {
    # It asks pip for mmh3 while it is being imported, unless that is there; its paho is a fork under the same name.
    "tb-mqtt-client": ("tb-mqtt-client==1.13.14", "tb-paho-mqtt-client==2.1.2", "mmh3==5.3.1"),
    "tb-rest-client": ("tb-rest-client==4.3",),
    "tb-rest-client-4.4": ("tb-rest-client==4.4",),
    "tb-ce-client": ("tb-ce-client==4.4.0",),
    "thingsboard-gateway": ("thingsboard-gateway==3.8.5", "mmh3==5.3.1", "setuptools==80.9.0"),
    "gmqtt": ("gmqtt==0.8.0",),
}
# Node-RED 5 wants Node 22; 4.1 is what Debian's Node runs.
NODE: Final[dict[str, tuple[str, ...]]] = {
    "mqtt.js": ("mqtt@5.16.0",),
    "node-red": ("node-red@4.1.8",),
}


class EnvironmentMissingError(Exception):
    """An environment is not there and could not be made; the message says which and why."""


def required() -> bool:
    """Whether a missing client fails its tests instead of skipping them."""
    return os.environ.get("UPLAB_REQUIRE_CLIENTS") == "1"


def _skipped() -> bool:
    """Whether clients of registries may be missing even so: the gate says it when a registry gave it none."""
    return os.environ.get("UPLAB_SKIP_FOREIGN") == "1"


def more(value: object) -> Any:
    """A case that only `make clients` runs: without UPLAB_CLIENTS=all one call of each client is enough."""
    one_is_enough = os.environ.get("UPLAB_CLIENTS") != "all"
    return pytest.param(
        value, marks=pytest.mark.skipif(one_is_enough, reason="one call of each; `make clients` runs all")
    )


def _folder(name: str) -> Path:
    wanted = "\n".join((PYTHON | NODE)[name])
    return _CACHE / f"{name}-{hashlib.sha256(wanted.encode()).hexdigest()[:8]}"


def make(name: str) -> Path:
    """Make an environment unless it is there, and return its folder; raises EnvironmentMissingError."""
    folder = _folder(name)
    if (folder / _READY).exists():
        return folder
    # Made aside and renamed, so that two workers do not meet in one half-made folder; the last one to come wins.
    building = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    try:
        if name in PYTHON:
            # A virtual environment knows its own path, so that it is made in place, marked ready at the end.
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            _run([str(folder / "bin" / "python"), "-m", "pip", "install", *_PIP, *PYTHON[name]])
            (folder / _READY).touch()
            return folder
        building.mkdir(parents=True)
        (building / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        _run(["npm", "install", "--prefix", str(building), *_NPM, *NODE[name]])
        (building / _READY).touch()
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentMissingError(f"{name}: {error}") from None
    return folder


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_MADE_S, check=False)
    if done.returncode:
        raise OSError(f"{command[0]} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}")


def environment(name: str) -> Path:
    """The folder of a client's environment; skips the test, or fails it where clients are required, without one."""
    folder = _folder(name)
    if (folder / _READY).exists():
        return folder
    if required() and not _skipped():
        pytest.fail(f"the environment of {name} was not made, and UPLAB_REQUIRE_CLIENTS=1 wants it: `make clients`")
    pytest.skip(f"the environment of {name} was not made; `make clients` makes it")


def main(names: list[str]) -> int:
    """Make the named environments, or all; 1 when one could not be made."""
    failed = 0
    for name in names or [*PYTHON, *NODE]:
        print(f"{name:<20} ", end="", flush=True)
        try:
            print(make(name))
        except EnvironmentMissingError as error:
            failed = 1
            print(f"not made: {error}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
