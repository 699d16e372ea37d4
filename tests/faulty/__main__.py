"""`python -m tests.faulty NAME` runs a known-bad forwarder; without a name it lists them, and the known-bad fakes."""

import sys
from typing import Any

import orjson

from tests.faulty.catalogue import CATALOGUE
from tests.faulty.known_bad import marker
from tests.faulty.plugin import NAME
from tests.faulty.policies import depart
from uplab.simulator.forwarder import __main__ as forwarder


def announcing(name: str) -> Any:
    """The ready line also says which known-bad forwarder speaks."""

    def write(line: str, **options: Any) -> None:
        print(
            orjson.dumps({**orjson.loads(line), "known_bad": name}).decode() if line.startswith("{") else line,
            **options,
        )

    return write


def main() -> int:
    """Patches the forwarder and runs it, with the options that the bug needs before those that are given."""
    if len(sys.argv) < 2:
        for bad in CATALOGUE.values():
            print(f"{bad.name:<32} {bad.side:<9} {' '.join(bad.requirements):<24} {bad.wrong}")
        return 0
    name = sys.argv.pop(1)
    if name not in CATALOGUE:
        print(f"there is no known-bad {name}; `python -m tests.faulty` lists them", file=sys.stderr)
        return 2
    bad = CATALOGUE[name]
    if bad.side == "fake":
        print(f"{name} is a fake of the lab: {NAME}={name} uplab run -p tests.faulty.plugin", file=sys.stderr)
        return 2
    if bad.policy is not None:
        depart(bad)
    bad.patch(marker(name))
    sys.argv[1:1] = bad.arguments
    vars(forwarder)["print"] = announcing(name)
    return forwarder.main()


if __name__ == "__main__":
    sys.exit(main())
