"""Online learning from own mail alone: spamrec beside bogofilter, on the same messages in the same order.

    python benchmarks/online.py ../shared/mail/dev.tar.xz              # both filters, three random orders
    python benchmarks/online.py ../shared/mail/dev.tar.xz --families   # spamrec with parts left out, and other settings

In place of an archive two folders may be named: `--spam DIR --legit DIR`. Each message is judged, then learnt with its
label. Neither filter sees a header in which a filter wrote its verdict. `--headers common` leaves of all headers only
those that any mail has, for what mailing lists and relays of one year added tells the two apart too easily.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spamrec import message, mime, online, sources, tokenized, tokens
from spamrec.online import Online, Order
from spamrec.tokenized import Tokenized
from spamrec.tokenlearner import DEFAULT, Settings
from spamrec.tokenweights import SCALES

if TYPE_CHECKING:
    from spamrec.evaluation import Bools, Floats

COMMON = frozenset(
    "from to cc subject date reply-to message-id mime-version content-type content-transfer-encoding".split()
)
"""Headers that mail has whoever sends it and whatever way it takes."""
UNTRAINED = 0.52
"""What bogofilter says of a message before it learnt anything (its robx)."""


class Labelled(NamedTuple):
    """One message as both filters get it."""

    raw: bytes
    """The message, without the headers left out."""
    mail: Tokenized
    """Its tokens and label."""


def main() -> None:
    """Print the table that was asked for."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        spam, legitimate = _folders(asked, Path(folder))
        for headers in asked.headers:
            mail = read(spam, legitimate, common=headers == "common")
            of_spam = sum(one.mail.spam for one in mail)
            print(
                f"\n{len(mail):,} messages, {of_spam:,} of them spam, {headers} headers, label {asked.delay} messages later"
            )
            print(f"{'':34}{'seed':>5}  {'(1-ROCA)%':<30}{'spam missed %, 0.1 % lost':<30}LAM%", flush=True)
            if asked.families:
                _families(mail, asked.seeds, asked.delay)
            else:
                _both(mail, asked.seeds, asked.delay)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("archive", nargs="?", type=Path, help="dev.tar.xz, of which SpamAssassin's messages are taken")
    parser.add_argument("--spam", type=Path)
    parser.add_argument("--legit", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--delay", type=int, default=0)
    parser.add_argument("--headers", nargs="+", choices=["raw", "common"], default=["raw", "common"])
    parser.add_argument("--families", action="store_true")
    asked = parser.parse_args()
    if not asked.archive and not (asked.spam and asked.legit):
        parser.error("name the archive, or --spam and --legit")
    return asked


def _folders(asked: argparse.Namespace, into: Path) -> tuple[Path, Path]:
    """Folders of spam and of legitimate mail, unpacked where an archive is named."""
    if not asked.archive:
        return asked.spam, asked.legit
    with tarfile.open(asked.archive) as archive:
        kept = [m for m in archive.getmembers() if m.isfile() and _is_spamassassins(Path(m.name))]
        archive.extractall(into, members=kept, filter="data")
    return into / "dev" / "otherspam", into / "dev" / "ham"


def _is_spamassassins(path: Path) -> bool:
    return path.parent.name == "otherspam" or (path.parent.name == "ham" and path.name.startswith("sa-"))


def read(spam: Path, legitimate: Path, *, common: bool) -> list[Labelled]:
    """The messages of both folders, each once."""
    found: dict[str, Labelled] = {}
    for label, folder in ((True, spam), (False, legitimate)):
        for mail in sources.walk([folder]):
            raw = b"".join(_kept(mail.raw, common))
            made = tokenized.tokenize(message.parse(raw), label)
            found[made.digest] = Labelled(raw, made)
    return list(found.values())


def _kept(raw: bytes, common: bool) -> Iterator[bytes]:
    """The headers that stay, and the body."""
    headers, body = mime.read_headers(raw, 0, len(raw))
    for name, value in headers:
        if name in COMMON if common else tokens.teaches(name):
            yield b"%s:%s\n" % (name.title().encode(), value.rstrip(b"\r"))
    yield b"\n" + raw[body:]


# --- the two filters ---------------------------------------------------------------------------------------


def _both(mail: Sequence[Labelled], seeds: Iterable[int], delay: int) -> None:
    means: dict[str, list[float]] = {}
    for seed in seeds:
        ordered, spam = _ordered(mail, seed)
        for name, scores, cut in (
            ("spamrec --no-base", online.scores([one.mail for one in ordered], delay=delay), 0.0),
            ("bogofilter", bogofilter(ordered, delay), 0.5),
        ):
            found = online.evaluate(scores, spam, cut=cut)
            _print(name, seed, found)
            means.setdefault(name, []).append(found.roca.value)
    for name, values in means.items():
        print(f"{name:34}{'mean':>5}  {np.mean(values):.4f}")


def _ordered(mail: Sequence[Labelled], seed: int) -> tuple[list[Labelled], Bools]:
    by_digest = {one.mail.digest: one for one in mail}
    ordered = [by_digest[o.digest] for o in online.ordered([one.mail for one in mail], Order.RANDOM, seed)]
    return ordered, np.array([one.mail.spam for one in ordered], dtype=np.bool_)


def bogofilter(mail: Sequence[Labelled], delay: int) -> Floats:
    """Spamicity of each message (`-TT`, 16 digits) before it was registered with its label, in a word list of its own."""
    scores = np.full(len(mail), UNTRAINED)
    with tempfile.TemporaryDirectory() as folder:
        command = ["bogofilter", "-C", "-d", folder]
        for number, one in enumerate(mail):
            ran = subprocess.run([*command, "-TT"], input=one.raw, capture_output=True, check=False)
            if ran.returncode in (0, 1, 2):
                scores[number] = float(ran.stdout.split()[-1])
            elif number > delay:
                sys.exit(f"bogofilter: {ran.stderr.decode(errors='replace')}")
            if number >= delay:
                late = mail[number - delay]
                subprocess.run([*command, "-s" if late.mail.spam else "-n"], input=late.raw, check=True)
    return scores


def _print(name: str, seed: int | str, found: Online) -> None:
    shown = [f"{e.value:.4f} ({e.low:.4f} to {e.high:.4f})" for e in (found.roca, found.missed)]
    print(f"{name:34}{seed:>5}  {shown[0]:<30}{shown[1]:<30}{found.lam.value:.4f}", flush=True)


# --- spamrec with parts left out ---------------------------------------------------------------------------


def _only(*families: str) -> Settings:
    return replace(DEFAULT, scales={name: scale if name in families else 0.0 for name, scale in SCALES.items()})


WORDS, GRAMS = ("word", "subject", "link"), ("text-gram", "header-gram")
COMPARED = {
    "as shipped": DEFAULT,
    "words of the text only": _only("word"),
    "words, subject, links": _only(*WORDS),
    "header tokens only": _only("header"),
    "words, subject, links, headers": _only(*WORDS, "header"),
    "4-grams of the text only": _only("text-gram"),
    "4-grams of the headers only": _only("header-gram"),
    "4-grams of both": _only(*GRAMS),
    **{f"without {name}": _only(*(set(SCALES) - {name})) for name in SCALES},
    "all families of one length": replace(DEFAULT, scales=dict.fromkeys(SCALES, 1.0)),
    "rate 0.5": replace(DEFAULT, rate=0.5),
    "rate 2": replace(DEFAULT, rate=2.0),
    "margin 0": replace(DEFAULT, margin=0.0),
    "margin 0.01": replace(DEFAULT, margin=0.01),
    "margin 0.2": replace(DEFAULT, margin=0.2),
    "no rehearsal": replace(DEFAULT, rehearsals=0),
    "1 rehearsal": replace(DEFAULT, rehearsals=1),
    "8 rehearsals": replace(DEFAULT, rehearsals=8),
}


def _families(mail: Sequence[Labelled], seeds: Iterable[int], delay: int) -> None:
    """Means over the orders, for settings of the learner."""
    for name, settings in COMPARED.items():
        figures = []
        for seed in seeds:
            ordered, spam = _ordered(mail, seed)
            scores = online.scores([one.mail for one in ordered], delay=delay, settings=settings)
            found = online.evaluate(scores, spam, resamples=0)
            figures.append((found.roca.value, found.missed.value, found.lam.value))
        roca, missed, lam = np.mean(figures, axis=0)
        print(f"{name:34}{'mean':>5}  {roca:<30.4f}{missed:<30.4f}{lam:.4f}", flush=True)


if __name__ == "__main__":
    main()
