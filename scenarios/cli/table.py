"""The commands of `uplab` by name: what each does in one line, and the module that is imported when it is called.

Nothing large is imported here: `uplab --help` shows this table and no more.
"""

import shutil
import textwrap
from typing import Final

from uplab.scenarios.run.exit_codes import MEANINGS

__all__ = ["ABOUT", "COMMANDS", "EXIT_CODES", "help_text"]

ABOUT: Final = "Proves that a LoRaWAN connector carries uplinks and downlinks as its documents promise."
EXIT_CODES: Final = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + "."

COMMANDS: Final = {
    "run": ("small", "Run the scenario suites against a forwarder, and write the report."),
    "init": ("own.init", "Write a project of your own: scenarios, a conftest, a catalogue, a profile, a CI file."),
    "forwarder": ("small", "Start the reference forwarder alone (all its options: uplab forwarder --help)."),
    "up": ("small", "Start forwarder, network server and fakes, and stay up until Ctrl-C."),
    "send": ("send", "Send one uplink through the lab that is up, or documents of your own."),
    "join": ("send", "Have a new device join through the lab that is up."),
    "rejoin": ("send", "Have a device of the lab that is up join once more: its counters begin anew."),
    "downlink": ("send", "Send a downlink to a device of the lab that is up, through the forwarder."),
    "simulate": ("fleets.simulate", "Simulate a fleet over hours: documents and frames in files, or to an ingress."),
    "load": ("fleets.load", "Send a fleet's uplinks through a forwarder, and judge every one of them."),
    "fake": ("small", "Start one fake alone, with its pages for people."),
    "environment": (
        "small",
        "Print what a forwarder that runs elsewhere must be told before `uplab run --forwarder-ingress ...`.",
    ),
    "probe": ("probe", "Look at a forwarder on the wire, and write a first profile of it."),
    "clean": ("clean", "Take away what a run that died has left on a forwarder elsewhere."),
    "report": ("stored", "Render the reports of a stored run again."),
    "replay": ("stored", "Meet a failure again: same devices, frames and faults."),
    "recheck": ("stored", "Judge a stored history again, by the rules as they are now; no forwarder is needed."),
    "budget": ("stored", "Say what each suite of a run costs, in work of processors and in waiting."),
    "history": ("stored", "List earlier runs, and the causes of what went wrong in them: since when, and in how many."),
    "signoff": ("paper.signoff", "Put on paper what runs prove: HTML for A4, and XLSX; several runs are joined."),
    "verify": ("paper.signoff", "Judge a sign-off again: by the histories that it carries, without the product."),
    "judge": ("hand.judge", "Judge a capture of what a forwarder delivered, without any lab."),
    "codec": ("codec", "Codecs of your own, in JavaScript: `uplab codec check FILE`."),
    "explore": (
        "worlds.explore",
        "Draw worlds from the documented space, play and judge them, and make what fails small.",
    ),
    "play": ("worlds.explore", "Play one world, each time in a fresh forwarder."),
    "doubt": ("worlds.doubt", "Say which kinds of bugs a green run excludes."),
    "where": (
        "where",
        "Say where a row of the catalogue is proven: its scenarios, its verdicts, and what is known to break it.",
    ),
    "reference": ("own.reference", "Print the reference: what there is by name, as this version of uplab has it."),
    "catalogue": ("own.catalogue", "Look at catalogues of your own, or carry them from one form to another."),
    "documents": ("small", "Say what newer connector documents add, change or no longer have."),
}
"""Name: its module in scenarios/cli/, and its line in the help."""


def help_text() -> str:
    """What `uplab --help` prints, for the width of this window."""
    width = max(60, min(shutil.get_terminal_size().columns, 110))
    column = max(map(len, COMMANDS)) + 4
    lines = ["Usage: uplab [--version] COMMAND [ARGUMENTS]", "", *textwrap.wrap(ABOUT, width), "", "Commands:"]
    for name, (_, words) in COMMANDS.items():
        first, *rest = textwrap.wrap(words, width - column)
        lines += [f"  {name:<{column - 2}}{first}", *(" " * column + line for line in rest)]
    return "\n".join([*lines, "", "uplab COMMAND --help says more.", "", *textwrap.wrap(EXIT_CODES, width)])
