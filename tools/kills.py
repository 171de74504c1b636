#!/usr/bin/env python3
"""Kill commands that write at moments of chance, and check that no mail and no memory has suffered.

usage: kills.py [--kills N] [--seed S]

Takes turns with `learn`, `import mail`, `filter` and `classify --move`, each killed without warning after a time that is
drawn from how long it takes when left alone. After each kill: every mail is whole and in its place or its target, the
history is sound and holds each message once, the model is as before or as after. Status 1 where one of that is not so.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from spamrec import model, tagging
from spamrec.history import History

ROOT = Path(__file__).parents[1]
MAILS = 40
"""Messages that each command works on."""


class Scene:
    """A reader's files and mail, made anew for each kill."""

    def __init__(self, folder: Path, mails: Sequence[bytes]) -> None:
        self.home, self.box, self.target = folder / "home", folder / "INBOX", folder / "Recruiters"
        self.mails = mails
        for part in (self.home, *(self.box / name for name in ("cur", "new", "tmp"))):
            part.mkdir(parents=True)
        for number, raw in enumerate(mails):
            (self.box / "cur" / f"{number}.x:2,S").write_bytes(raw)

    def start(
        self, *arguments: str | Path, stdin: int = subprocess.DEVNULL, out: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """A command in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "spamrec", *map(str, arguments)],
            stdin=stdin,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "SPAMREC_HOME": str(self.home), "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )

    def where(self) -> tuple[list[bytes], list[bytes]]:
        """Mail in the box and in the target."""
        found: tuple[list[bytes], list[bytes]] = ([], [])
        for mails, folder in zip(found, (self.box, self.target), strict=True):
            mails += [path.read_bytes() for part in ("cur", "new") for path in sorted((folder / part).glob("*"))]
        return found

    def check_mail(self) -> None:
        """Each mail as it was, somewhere, and at most one of them in both places, that which was being moved."""
        here, there = self.where()
        lost, more = Counter(self.mails) - (Counter(here) | Counter(there)), Counter(here) + Counter(there)
        hold(
            not lost,
            f"{sum(lost.values())} mails are lost, altered or cut; {[len(m) for m in more - Counter(self.mails)]}",
        )
        hold(Counter(here) | Counter(there) == Counter(self.mails), "a mail is lost, doubled or altered")
        hold(sum((Counter(here) & Counter(there)).values()) <= 1, "more than one mail is in two places")

    def check_memory(self) -> None:
        """A history that is sound; a model that loads."""
        if (self.home / "history.db").exists():
            with History(self.home / "history.db") as memory:
                hold(memory.store.rows("PRAGMA integrity_check") == [("ok",)], "the history is damaged")
                hold(memory.store.rows("PRAGMA foreign_key_check") == [], "the history points nowhere")
                counts = memory.counts()
                hold(
                    counts["messages received"] <= MAILS and counts["labels"] <= MAILS, "a message is remembered twice"
                )
        if (self.home / "model.json").exists():
            model.load(self.home / "model.json")


def hold(truth: bool, what: str) -> None:
    """Raise where something does not hold."""
    if not truth:
        raise AssertionError(what)


def ended(process: subprocess.Popen[bytes], after_s: float | None) -> bool:
    """Whether a process was killed, with all of its own, after that time; False where it had ended by itself."""
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def moving(scene: Scene, after_s: float | None) -> bool:
    """`classify --move`, killed; once more to its end, all spam has moved."""
    killed = ended(scene.start("classify", scene.box, "--move", scene.target), after_s)
    scene.check_mail()
    if killed:
        hold(scene.start("classify", scene.box, "--move", scene.target).wait() == 0, "it does not run after a kill")
        scene.check_mail()
    return killed


def remembering(scene: Scene, after_s: float | None, *command: str) -> bool:
    """A command that writes the history, killed; once more to its end, the history holds each message once."""
    killed = ended(scene.start(*command, scene.box), after_s)
    scene.check_memory()
    scene.check_mail()
    if killed:
        hold(scene.start(*command, scene.box).wait() == 0, "it does not run after a kill")
        scene.check_memory()
        sort = "labels" if command[0] == "learn" else "messages received"
        with History(scene.home / "history.db", read_only=True) as memory:
            hold(memory.counts()[sort] == MAILS, f"{memory.counts()[sort]} {sort} after a second run, not {MAILS}")
    return killed


def filtering(scene: Scene, after_s: float | None) -> bool:
    """`filter`, killed: a mail program that gets no 0 still has the mail; with 0 all of it has come out."""
    raw = scene.mails[0]
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out:
        stdin.write(raw)
        stdin.seek(0)
        process = scene.start("filter", stdin=stdin.fileno(), out=out.fileno())
        killed = ended(process, after_s)
        out.seek(0)
        hold(process.returncode != 0 or tagging.strip(out.read()) == tagging.strip(raw), "0 without the mail")
    scene.check_memory()
    return killed


COMMANDS: dict[str, Callable[[Scene, float | None], bool]] = {
    "classify --move": moving,
    "import mail": lambda scene, after_s: remembering(scene, after_s, "import", "mail"),
    "learn": lambda scene, after_s: remembering(scene, after_s, "learn", "--spam"),
    "filter": filtering,
}


def mail() -> list[bytes]:
    """Messages of the corpus that differ from one another."""
    paths = sorted((ROOT / "data" / "ray-kim").glob("*/*.eml"))
    return list(dict.fromkeys(path.read_bytes() for path in paths if path.parent.name != "sent"))[:MAILS]


def run(kills: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Kills by command, and what failed."""
    chance, mails = Random(seed), mail()  # noqa: S311 - moments that need not be secret
    took: dict[str, float] = {}
    done: Counter[str] = Counter()
    failed = []
    while sum(done.values()) < kills:
        name = min(COMMANDS, key=lambda name: done[name])
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(Path(folder), mails)
            started = time.monotonic()
            after_s = chance.uniform(0.02, 1.0) * took[name] if name in took else None
            try:
                if COMMANDS[name](scene, after_s):
                    done[name] += 1
                else:
                    took[name] = time.monotonic() - started
            except Exception as error:
                done[name] += 1
                failed.append(f"{name} after {after_s or 0:.3f} s: {type(error).__name__}: {error}")
                print(failed[-1], flush=True)
    return done, failed


def main() -> int:
    """Kill, and print how often."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    done, failed = run(given.kills, given.seed)
    print(f"{sum(done.values())} kills ({', '.join(f'{n} {name}' for name, n in done.items())}): {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
