"""Where profile, history, model and configuration lie, and how a file is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from spamrec.errors import ConfigError, MissingInputError, UnreadableInputError, UnwritableOutputError, reason_of

PEEK_BYTES = 64 * 1024
"""How much of a list of paths is read at once."""


class Files(NamedTuple):
    """Where a reader's files lie, whether they exist or not."""

    profile: Path
    """What the reader has stated."""
    config: Path
    """Defaults for options."""
    history: Path
    """What the machine remembers."""
    model: Path
    """A model of the reader's own, trained or made by their labels, used in place of the shipped one."""
    trained: Path
    """The model that the reader trained, kept here while the labels given since make another one of it."""


def locate(environment: Mapping[str, str] = os.environ) -> Files:
    """The XDG folders of this user, or the one folder named by SPAMREC_HOME."""
    if home := environment.get("SPAMREC_HOME"):
        config = data = Path(home).expanduser()
    else:
        # platformdirs would take 5 ms of each mail's 100: it loads what makes temporary files
        config = _xdg(environment, "XDG_CONFIG_HOME", "~/.config")
        data = _xdg(environment, "XDG_DATA_HOME", "~/.local/share")
    return Files(
        config / "profile.toml", config / "config.toml", data / "history.db", data / "model.json", data / "trained.json"
    )


def _xdg(environment: Mapping[str, str], variable: str, otherwise: str) -> Path:
    """Our folder below a base folder; a relative one counts for nothing (XDG Base Directory Specification)."""
    named = environment.get(variable, "")
    return Path(named if os.path.isabs(named) else os.path.expanduser(otherwise)) / "spamrec"


def model_of_corpus(corpus: Path) -> Path | None:
    """The shipped model of the checkout whose `data/` is trained on; None where the corpus is another."""
    beside = corpus.resolve().parent / "models" / "default.json"
    return beside if beside.is_file() and corpus.resolve().name == "data" else None


def write(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file and its folder; a reader sees the old text or the new one, never a part, even after a crash of the
    machine. A private file nobody else can read. UnwritableOutputError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(
                os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666), "wb"
            ) as stream:
                if private:  # a file left by a process of the same number keeps its mode
                    os.fchmod(stream.fileno(), 0o600)
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())  # else a crash may leave the new name with nothing in it
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UnwritableOutputError(path, reason_of(error)) from error


def listed(name: str) -> Iterator[str]:
    """Paths in a file, or on standard input for "-": one a line, or with a NUL behind each as `find -print0` writes
    them. MissingInputError, UnreadableInputError."""
    import sys

    try:
        with open(name if name != "-" else sys.stdin.fileno(), "rb", closefd=name != "-") as stream:
            end = b"\0" if b"\0" in stream.peek(PEEK_BYTES) else b"\n"
            for path in _split(stream, end):
                if path:
                    yield os.fsdecode(path)
    except FileNotFoundError as error:
        raise MissingInputError(name) from error
    except OSError as error:
        raise UnreadableInputError(name, reason_of(error)) from error


def _split(stream: BufferedReader, end: bytes) -> Iterator[bytes]:
    if end == b"\n":
        yield from (line.rstrip(b"\r\n") for line in stream)
        return
    rest = b""
    while block := stream.read1(PEEK_BYTES):
        *whole, rest = (rest + block).split(end)
        yield from whole
    yield rest


Options = Mapping[str, Mapping[str, str]]
"""Options of each command by their names in a configuration, with the names of their parameters."""


def read_config(
    path: Path, options: Options, *, others: Collection[str] = (), names: Collection[str] = ()
) -> dict[str, Any]:
    """Defaults for parameters by command: a key in `[classify]` counts for that command, one above all sections for
    each command that has it. Sections of `others` are passed over, and so are the `names` of their options. ConfigError.
    """
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(path, f"cannot be read as TOML: {error}") from error
    out: dict[str, Any] = {command: {} for command in options}
    for key, value in table.items():
        if not isinstance(value, dict):
            if not _set(out, key, value, options) and key not in names:
                raise ConfigError(path, "no such option", key=key)
        elif key in options:
            for name, inner in value.items():
                if not _set(out, name, inner, {key: options[key]}):
                    raise ConfigError(path, "no such option", key=f"{key}.{name}")
        elif key not in others:
            known = ", ".join(sorted({*options, *others}))
            raise ConfigError(path, f"no such command (known: {known})", key=key)
    return out


def _set(out: dict[str, Any], key: str, value: Any, options: Options) -> bool:
    """Set an option for all commands that know it, and tell whether one does; a command's own section comes later in a
    file and wins."""
    takers = [command for command, known in options.items() if key in known]
    for command in takers:
        out[command][options[command][key]] = value
    return bool(takers)
