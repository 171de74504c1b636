"""Real mail, where developers have it beside the checkout, comes out of the filter byte for byte but for our headers."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from command_line import command, environment
from spamrec import tagging
from spamrec.bulk import Setup
from spamrec.delivery import Delivery
from spamrec.tagging import Style, strip, tag

ARCHIVE = Path(__file__).parents[2] / "shared" / "mail" / "dev.tar.xz"
MESSAGES = 2_000
THROUGH_THE_COMMAND = 40

pytestmark = [pytest.mark.skipif(not ARCHIVE.exists(), reason="no development mail here"), pytest.mark.slow]


@pytest.fixture(scope="module")
def mails() -> list[bytes]:
    """Messages spread evenly over all there are; never written to disk."""
    with tarfile.open(ARCHIVE) as archive:
        files = [archive.extractfile(one) for one in archive if one.isfile()]
        found = [file.read() for file in files if file]
    return [found[n * len(found) // MESSAGES] for n in range(MESSAGES)]


def test_each_byte_comes_back(mails: list[bytes], tmp_path: Path) -> None:
    """Judged and remembered as at delivery, tagged in each style by turns."""
    delivery = Delivery(Setup(), memory=tmp_path / "history.db")
    styles = list(Style)
    for number, raw in enumerate(mails):
        style = styles[number % len(styles)]
        delivered = delivery.judge(raw)
        delivery.remember(delivered)
        tagged = tag(raw, delivery.fields(delivered, style), style)
        bare = strip(raw, style)
        assert strip(tagged, style) == bare, number
        assert tagged.endswith(bare[_envelope(bare) :]), number
        if not any(f"\n{name}:".encode() in raw for name in tagging.NAMES[style]):
            assert bare == raw, number
    assert len(mails) == MESSAGES


def _envelope(raw: bytes) -> int:
    return raw.find(b"\n") + 1 if raw.startswith(b"From ") else 0


def test_each_byte_comes_back_from_the_command(mails: list[bytes], tmp_path: Path) -> None:
    for raw in mails[:: MESSAGES // THROUGH_THE_COMMAND]:
        ended = subprocess.run(
            command("filter", "--time-limit", "60"), input=raw, capture_output=True, env=environment(tmp_path)
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert strip(ended.stdout) == raw
        assert ended.stdout != raw
