"""`uplab reference`: fixtures, checks, faults, hops, profile, options, exit codes and suites, as the code has them."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import MEANINGS, WRONG_USAGE

__all__ = ["TOPICS", "pages_to", "reference"]


def fixtures() -> str:
    """What a scenario may ask for, and what can be done with it."""
    from uplab.scenarios.run import awake, fixtures  # noqa: PLC0415

    lines = ["# Fixtures", "", "A scenario asks for them by name; `from uplab.scenarios import ...` has their types."]
    for module in (awake, fixtures):
        for name in module.__all__:
            found = inspect.unwrap(getattr(module, name))
            lines += ["", f"## {name}", "", inspect.getdoc(found) or ""]
            lines += _methods(_given_by(found))
    return "\n".join(lines) + "\n"


def _given_by(fixture: Any) -> type[Any] | None:
    """The class of what a fixture gives, where it is one of the public names."""
    import uplab.scenarios as face  # noqa: PLC0415

    function = getattr(fixture, "_get_wrapped_function", lambda: fixture)()
    text = str(inspect.signature(function).return_annotation)
    name = text.removeprefix("Iterator[").removeprefix("list[").rstrip("]")
    return getattr(face, name) if name in face.__all__ else None


def _methods(of: type[Any] | None) -> Iterator[str]:
    """Each public method with its parameters, and the first sentence that it says of itself."""
    for name, one in inspect.getmembers(of) if of is not None else ():
        said = (inspect.getdoc(one) or "").partition("\n")[0]
        if not said or (name.startswith("_") and name != "__call__"):
            continue
        if isinstance(one, property):
            yield f"- `{name}`: {said}"
        elif inspect.isfunction(one):
            parameters = ", ".join(str(p) for n, p in inspect.signature(one).parameters.items() if n != "self")
            yield f"- `{name.replace('__call__', '')}({parameters})`: {said}".replace("'", "")


def checks() -> str:
    """Every check: promise, source, question, advice."""
    from uplab.scenarios.checks.page import page  # noqa: PLC0415

    return page()


def faults() -> str:
    """Every trigger and action of a fault."""
    from uplab.scenarios.cli.hand.breaking import kinds  # noqa: PLC0415

    lines = ["# Faults", "", 'A fault is `Fault("its name", trigger, action)`: when, and what.']
    for title, parts in kinds().items():
        lines += ["", f"## {title.capitalize()}", ""]
        for part in parts:
            given = ", ".join(map(_field, part["fields"]))
            lines.append(f"- **{part['type']}**({given}): {part['does']}")
    return "\n".join(lines) + "\n"


def _field(one: dict[str, Any]) -> str:
    return f"{one['name']}: {one['type']}" + ("" if one["needed"] else " (optional)")


def hops() -> str:
    """Every line of a history: who says it, when, and its facts."""
    from uplab.scenarios.history.page import page  # noqa: PLC0415

    return page()


def profile() -> str:
    """Every key of a profile."""
    from uplab.scenarios.under_test.profile import Profile  # noqa: PLC0415

    lines = [
        "# Profile",
        "",
        "A TOML file; what is left away is as its default. CONTRACT.md says what each means.",
    ]
    for name, field in Profile.model_fields.items():
        among = (field.annotation, *typing.get_args(field.annotation))
        model: Any = next((one for one in among if hasattr(one, "model_fields")), None)
        lines += ["", f"## [{name}]" if model else f"## {name}", ""]
        for key, one in model.model_fields.items() if model is not None else [(name, field)]:
            default = "" if one.is_required() else f", default `{one.get_default(call_default_factory=True)!r}`"
            kind = getattr(one.annotation, "__name__", "") or str(one.annotation)
            kind = str(one.annotation) if kind in ("Literal", "Optional", "Union") else kind
            said = f": {one.description}" if one.description else ""
            lines.append(f"- `{key}` ({kind.replace('typing.', '')}{default}){said}")
    return "\n".join(lines) + "\n"


def options() -> str:
    """Every option of `uplab run`, and every command."""
    from uplab.scenarios.cli.table import COMMANDS  # noqa: PLC0415
    from uplab.scenarios.run.launch import run_help  # noqa: PLC0415

    rows = "\n".join(f"- `uplab {name}`: {words}" for name, (_, words) in COMMANDS.items())
    return f"# Commands and options\n\n{rows}\n\n```\n{run_help()}\n```\n"


def exit_codes() -> str:
    """What each exit code means."""
    return "# Exit codes\n\n" + "".join(f"- **{code}**: {meaning}\n" for code, meaning in MEANINGS.items())


def suites() -> str:
    """Each scenario of the shipped suites: what it promises, what is sent, what is asked."""
    from uplab.scenarios.run.suites import SUITES  # noqa: PLC0415

    lines = ["# Suites"]
    for folder in sorted(path for path in SUITES.iterdir() if path.is_dir() and list(path.glob("test_*.py"))):
        lines += ["", f"## {folder.name}"]
        for path in sorted(folder.glob("test_*.py")):
            module = ast.parse(path.read_text(encoding="utf-8"))
            found = [one for one in module.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]
            lines += ["", f"### {(ast.get_docstring(module) or path.stem).partition(chr(10))[0]}", ""] if found else []
            lines += [_scenario(one) for one in found]
    return "\n".join(lines) + "\n"


_SENDS: Final = {
    "send": "uplinks",
    "send_bytes": "uplinks of bytes",
    "post": "documents",
    "post_downlink": "downlinks",
    "send_downlink": "downlinks",
    "rpc": "commands",
    "join": "joins",
    "plan": "faults",
    "restart_forwarder": "restarts",
    "barrier": "a barrier",
    "publish": "messages",
    "create": "connections",
    "replace": "changes",
    "delete": "deletions",
}


def _scenario(function: ast.FunctionDef) -> str:
    title = function.name.removeprefix("test_").replace("_", " ")
    promise = " ".join((ast.get_docstring(function) or "").split())
    clauses = [
        argument.value
        for mark in function.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("requirement")
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    ]
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    calls.sort(key=lambda one: (one.lineno, one.col_offset))
    names = [one.func.attr for one in calls if isinstance(one.func, ast.Attribute)]
    sent = dict.fromkeys(_SENDS[name] for name in names if name in _SENDS)
    asked = dict.fromkeys(text for call in calls if (text := _question(call)))
    named = f"**{title}**" + (f" ({', '.join(map(str, clauses))})" if clauses else "")
    told = [f"{named}: {promise}" if promise else named]
    told += [f"Sent: {', '.join(sent)}."] if sent else []
    told += [f"Asked: {'; '.join(asked)}."] if asked else []
    return "- " + " ".join(told)


def _question(call: ast.Call) -> str | None:
    """What a call of a judge asks: the words of its promise, or the battery that it stands for."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    whole = {
        "judge_delivery": "none lost, none twice, in order, unaltered, right place, right headers",
        "judge_telemetry": "none lost, none twice, in order",
        "expect_downlinks": "each device received its own downlinks",
        "expect_no_downlink": "no downlink arrived",
    }
    if name in whole:
        return whole[name]
    first = call.args[0] if call.args else None
    if name.startswith(("expect", "poll")) and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    if name == "judge_alone" and isinstance(first, ast.Call):
        return ast.unparse(first.func).rpartition(".")[2]
    return None


TOPICS: Final[dict[str, Callable[[], str]]] = {
    "fixtures": fixtures,
    "checks": checks,
    "faults": faults,
    "hops": hops,
    "profile": profile,
    "options": options,
    "exit-codes": exit_codes,
    "suites": suites,
}


def pages_to(folder: Path) -> list[Path]:
    """Writes every page; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [folder / f"{name}.md" for name in TOPICS]
    for path in pages:
        path.write_text(TOPICS[path.stem](), encoding="utf-8")
    return pages


@app.command()
def reference(
    topic: Annotated[str | None, typer.Argument(help=f"One of {', '.join(TOPICS)}.")] = None,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Write all of them there, a page each.")] = None,
) -> None:
    """Print the reference: what there is by name, as this version of uplab has it."""
    if to is not None:
        try:
            pages = pages_to(to)
        except OSError as error:
            fail(f"{error.filename or to}: {error.strerror}", WRONG_USAGE)
        print("\n".join(map(str, pages)))
    elif topic in TOPICS:
        print(TOPICS[topic](), end="")
    else:
        wrong = f"there is no topic {topic}; there are" if topic else "name one of"
        fail(f"{wrong} {', '.join(TOPICS)}", WRONG_USAGE)
