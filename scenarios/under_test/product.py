"""Which build of a forwarder is tested: the digest of the files that its command names."""

import hashlib
import shlex
import shutil
from pathlib import Path

__all__ = ["digest_of"]

_MOST_BYTES = 1_000_000_000  # of one file; a larger one is no program


def digest_of(command: str | None) -> str | None:
    """`sha256:<64 digits> of mine.js`, over all files that the command names; None where it names none.

    A program that is found by PATH, such as an interpreter, is the machine's and no part of the product, unless it is
    all that there is.
    """
    try:
        words = shlex.split(command or "")
    except ValueError:
        return None
    files = [path for path in map(Path, words[1:]) if _is_file(path)]
    if words and (program := shutil.which(words[0])) and (not files or "/" in words[0]) and not _is_interpreter(words):
        files.insert(0, Path(program))
    digests = []
    for path in files:
        try:
            if path.stat().st_size > _MOST_BYTES:
                return None
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError:
            return None
    if not digests:
        return None
    # Of one file it is what sha256sum says, of several that of their digests, a line each.
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return f"sha256:{whole} of {', '.join(path.name for path in files)}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a word that is too long for a name, or holds what no name can
        return False


def _is_interpreter(words: list[str]) -> bool:
    name = Path(words[0]).name.rstrip("0123456789.")
    return name in ("python", "node", "nodejs", "java", "ruby", "sh", "bash", "perl", "php", "deno", "dotnet", "env")
