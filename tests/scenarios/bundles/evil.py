"""What stands in a stranger's bundle where something else should.

`EVIL` may stand anywhere: wrong types, numbers at their ends, names that lead away, text that deceives. `AT` is worst
where something is called so, `NAMES` are names of files.
"""

from __future__ import annotations

from typing import Any

__all__ = ["AT", "EVIL", "NAMES"]

EVIL: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    1e308,
    99,
    "",
    "x" * 100_000,
    [],
    {},
    [[]],
    [None],
    {"list": 0},
    {"list": -1},
    {"list": 9**9},
    {"list": "0"},
    {"base64": "!"},
    {"base64": "AAA="},
    ["u1", 2],
    "../../../../etc/passwd",
    "/etc/passwd",
    "history/../run.json",
    "history/none.jsonl",
    "--forwarder-command=touch PWNED",
    "-p",
    "\x1b]0;owned\x07\nPASSED",
    "\u202eabc",
    "$(touch PWNED)",
    "{0.__class__}",
    "none lost",
    "passed",
    "destination.arrived",
)
AT: dict[str, tuple[Any, ...]] = {
    "format": (0, 1, 3, True, "2", None, -1),
    "ids": (*({"list": at} for at in (0, 1, -1, "0", True)), {}, [], ["u1", 2], "u1", None, [[1]], [["u1"] * 30]),
    "raw": (*({"base64": text} for text in ("!", "AAA=", 1, "", "Mg==", "MoWB")), {}, [], 1, None, "text"),
    "doubt": (1, "1", True, None),
    "id": (None, 5, "u1", [], ""),
    "seq": ("1", True, None, 10**30),
    "verdicts": ([], None, [None], [[]], {}, 5),
    "question": (None, [], {}, {"check": "none lost"}, {"check": "none lost", "until": 1}, {"check": [], "until": 1}),
    "history": (None, "", "history/none.jsonl", "../run.json", "history/../run.json", "history/one.jsonl/"),
    "outcome": ("passed", "not applicable", "hacked", [], None),
    "scenarios": ([], None, {}, [None], [[]]),
    "seed": ("--help", True, None, 10**30, 1.5),
    "command": ("touch PWNED", "a -m uplab.simulator.forwarder", "'", None, 5),
    "to": (None, 5, {}, {"fake": "x", "path": "/", "__class__": 1}),
    "topic": ("", "a/b", "a/b/c"),
    "qos": (0, None, 1),
    "until": ("9", None, True, 0, 10**30),
    "standing": (None, [], {}, {"telemetry_fields": 5, "places": "yes"}),
    "ended_s": ("1", None, True, -1, 1e308),
    "breaks": (None, "none twice", [None], {}),
    "worker": ("w1", "../main", "", None, 5),
    "title": ("x" * 200_000, None, 5),
    "monotonic_s": ("1", None, True, 1e308, -1),
    "hop": ("", "no.hop", None, 5, "device.sent"),
    "facts": ({}, [], None, {"no": "fact"}),
    "name": ("..", "a/b", "b", None, ""),
    "sha256": ("0" * 64, "", None),
    "by_run": ([], ["passed"] * 3, ["passed", 5], None),
    "files": ({}, [], {"runs/a/run.json": "0" * 64}, {"gone": "0" * 64}, None),
    "runs": ([], None, [{}], [None]),
    "requirement": (None, 5, "", "HTTP-12"),
}
NAMES = ("../evil", "/etc/evil", "a/../../b", "a\\b", "x" * 300, "run.json/", "\x1b[2J", ".", "a//b", "a:b")
