"""`python -m tests.faulty NAME` runs a known-bad forwarder; without a name it lists them, and the known-bad fakes.

NAME+NAME is a forwarder with both bugs.
"""

import sys
from typing import Any

import orjson

from tests.faulty.catalogue import find
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
        from tests.faulty.catalogue import CATALOGUE

        for one in CATALOGUE.values():
            print(f"{one.name:<32} {one.side:<9} {' '.join(one.requirements):<24} {one.wrong}")
        return 0
    name = sys.argv.pop(1)
    for bug in name.split("+"):
        bad = find(bug)
        if bad is None:
            print(f"there is no known-bad {bug}; `python -m tests.faulty` lists them", file=sys.stderr)
            return 2
        if bad.side == "fake":
            print(f"{bug} is a fake of the lab: {NAME}={bug} uplab run -p tests.faulty.plugin", file=sys.stderr)
            return 2
        if bad.policy is not None:
            depart(bad)
        bad.patch(marker(bug))
        sys.argv[1:1] = bad.arguments
    vars(forwarder)["print"] = announcing(name)
    return forwarder.main()


if __name__ == "__main__":
    sys.exit(main())
