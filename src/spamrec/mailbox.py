"""Sorts a folder on a mail server: new mail is judged, recruiters' mail moved or flagged, and what the reader moved by
hand is learnt from; a broken connection costs neither a message nor makes two of one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol
from urllib.parse import quote

from spamrec import mailstate, message
from spamrec.bulk import Judged
from spamrec.errors import ConnectionLostError, MailServerError, MissingFolderError
from spamrec.imapserver import Folder, Selected, Server, portions
from spamrec.limits import LIMITS
from spamrec.mailstate import Filed, Journal, Read, State
from spamrec.verdict import Label

BATCH_MESSAGES = 50
"""Messages judged before the state is noted: what a break costs is judged again."""
MAX_MESSAGE_BYTES = LIMITS.max_bytes
"""How much of a message is fetched, so that the verdict is the one at delivery."""
RETRY_DELAYS_S = (1.0, 2.0, 4.0, 8.0)
"""How long to wait before each new attempt after a connection broke that had got nothing done."""

NO_RESCUE = frozenset({"\\trash", "\\junk", "\\drafts", "\\sent", "\\all"})
"""Folders in which a message tells nothing about whether the reader wants it, by special use (RFC 6154)."""
TRASH_NAMES = frozenset(
    "trash|bin|deleted|deleted items|deleted messages|papierkorb|gelöschte elemente|gelöschte objekte|corbeille|"
    "éléments supprimés|papelera|elementos eliminados|cestino|posta eliminata|prullenbak|verwijderde items|lixeira|"
    "itens excluídos|kosz|papperskorg|papirkurv|roskakori|koš|корзина|удаленные|ゴミ箱|已删除邮件".split("|")
)
"""Names of a Trash where the server does not say which it is."""
JUNK_NAMES = frozenset("junk|junk e-mail|junk email|junk mail|spam|bulk mail|spam-verdacht|indésirables|correo no deseado".split("|"))  # fmt: skip
"""Names of a folder for spam of all sorts."""


class Action(StrEnum):
    """What is done with a message."""

    MOVE = "move"
    """Moved to the recruiters' folder."""
    FLAG = "flag"
    """Given a flag."""
    LEARN = "learn"
    """Learnt from, since the reader moved it by hand."""


class Task(NamedTuple):
    """What to do with a folder."""

    folder: str = "INBOX"
    """Where mail arrives."""
    move: str = ""
    """Where recruiters' mail goes; "" leaves it where it is."""
    flag: str = ""
    """The flag that recruiters' mail gets; "" for none."""
    apply: bool = False
    """Whether anything is done and noted, rather than told."""
    learn: bool = False
    """Whether to learn from what the reader moved by hand."""
    again: bool = False
    """Whether to begin with the first message rather than with the first new one."""


class Done(NamedTuple):
    """What was done with a message, or would be."""

    action: Action
    """What."""
    to: str
    """Folder, flag or label."""
    judged: Judged
    """The message with its verdict."""


class Judge(Protocol):
    """Judges and learns for one reader."""

    def judge(self, origin: str, raw: bytes, *, delivered: bool = True) -> Judged | None:
        """The verdict on a message, remembered where it is delivered just now; None where there is none."""

    def learn(self, found: Sequence[tuple[bytes, Label]]) -> None:
        """Learn the labels of messages; again is no harm."""


class Sorter:
    """One run over an account; `state` is changed as it goes and given to `save` whenever something is done."""

    def __init__(
        self,
        task: Task,
        state: State,
        *,
        judge: Judge,
        save: Callable[[State], None],
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.task = task
        self.state = state
        self.looked = 0
        """Messages judged."""
        self.left = 0
        """Messages called spam that the reader had put back, and that stay where they are."""
        self._judge, self._save, self._say = judge, save, say
        self._steps = 0
        self._again = task.again

    def run(self, connect: Callable[[], Server]) -> Iterator[Done]:
        """Do the task, over as many connections as it takes. MailServerError, MissingFolderError."""
        failed = 0
        while True:
            steps = self._steps
            try:
                with connect() as server:
                    yield from self._with(server)
                return
            except ConnectionLostError as error:
                failed = 0 if self._steps > steps else failed
                if failed == len(RETRY_DELAYS_S):
                    raise
                self._say(f"{error}; trying again in {RETRY_DELAYS_S[failed]:g} s")
                time.sleep(RETRY_DELAYS_S[failed])
                failed += 1

    def _with(self, server: Server) -> Iterator[Done]:
        source = server.find(self.task.folder)
        target = self._target(server)
        if target and self.task.learn and "\\trash" in target.flags:
            raise MailServerError(server.account.host, f"{target.name} is the Trash, from which nothing is learnt")
        if self.task.apply:
            self._recover(server)
        if target:
            self._look_at(server, target)
            if self.task.learn:
                yield from self._learn_from(server, target)
        yield from self._sort(server, source, target)

    def _target(self, server: Server) -> Folder | None:
        """The folder to move to, made where it is missing; None while it is missing or nothing is moved."""
        if not self.task.move:
            return None
        try:
            return server.find(self.task.move)
        except MissingFolderError:
            if not self.task.apply:
                self._say(f"the folder {self.task.move} is missing and would be made")
                return None
            self._say(f"the folder {self.task.move} is made")
            return server.create(self.task.move)

    def _keep(self) -> None:
        """Keep what was found out."""
        if self.task.apply:
            self._save(self.state)

    def _advance(self) -> None:
        """Keep what was done: after it a connection that breaks again may be tried again as often."""
        self._steps += 1
        self._keep()

    # --- new mail --------------------------------------------------------------------------------------------

    def _sort(self, server: Server, source: Folder, target: Folder | None) -> Iterator[Done]:
        opened = server.look(source.name)
        known = self.state.read.get(source.name)
        if known and known.uidvalidity != opened.uidvalidity:
            self._say(f"the server numbers the folder {source.name} anew: all mail in it counts as new")
        after = 0 if self._again else self.state.seen_to(source.name, opened.uidvalidity)
        self.state.read[source.name] = Read(opened.uidvalidity, after)
        self._again = False
        for uids in portions(server.uids(after), BATCH_MESSAGES):
            judged = {
                letter.uid: self._judge.judge(_address(server, opened, letter.uid), letter.raw)
                for letter in server.letters(uids, MAX_MESSAGE_BYTES)
            }
            spam = {uid: one for uid, one in judged.items() if one and one.verdict.spam}
            keys = self._unless_put_back(server, list(spam))
            if keys and self.task.apply:
                self._act(server, opened, keys, target)
            self.looked += len(judged)
            self.left += len(spam) - len(keys)
            self.state.read[source.name] = Read(opened.uidvalidity, uids[-1])
            self._advance()
            for uid in keys:
                yield from self._told(spam[uid], target)

    def _told(self, judged: Judged, target: Folder | None) -> Iterator[Done]:
        if self.task.flag:
            yield Done(Action.FLAG, self.task.flag, judged)
        if self.task.move:
            yield Done(Action.MOVE, target.name if target else self.task.move, judged)

    def _unless_put_back(self, server: Server, uids: Sequence[int]) -> dict[int, str]:
        """Keys by UID of the messages that the reader did not take out of the recruiters' folder before."""
        if not self.task.move:
            return dict.fromkeys(uids, "")
        put_back = set(self.state.put_back)
        keys = {uid: mailstate.key(raw) for uid, raw in server.headers(uids).items()}
        return {uid: key for uid, key in keys.items() if key not in put_back}

    def _act(self, server: Server, opened: Selected, keys: dict[int, str], target: Folder | None) -> None:
        uids = list(keys)
        copies = not server.offers("MOVE")
        if target:
            self._begin(server, opened, keys, target, copies=copies)
        self._open_again(server, opened)
        if self.task.flag:
            self._flag(server, uids)
        if not target:
            return
        if copies:
            server.copy(uids, target.name)
            self._delete(server, uids)
        else:
            server.move(uids, target.name)
        self._arrived(target.name, list(keys.values()))

    def _flag(self, server: Server, uids: Sequence[int]) -> None:
        kept = server.selected.keywords if server.selected else frozenset()
        if not kept & {self.task.flag.lower(), "\\*"}:
            raise MailServerError(server.account.host, f"keeps no flag {self.task.flag} in this folder")
        server.flag(uids, self.task.flag)

    def _delete(self, server: Server, uids: Sequence[int]) -> None:
        if not server.delete(uids):
            self._say("the server has neither MOVE nor UIDPLUS: what was copied stays marked as deleted in its folder")

    def _open_again(self, server: Server, opened: Selected) -> None:
        """Open for changes the folder that was looked at."""
        if server.open(opened.name).uidvalidity != opened.uidvalidity:
            raise ConnectionLostError(server.account.host, f"numbered the folder {opened.name} anew in between")

    # --- a move that breaks off --------------------------------------------------------------------------------

    def _begin(self, server: Server, opened: Selected, keys: dict[int, str], target: Folder, *, copies: bool) -> None:
        """Note a move before it is made."""
        ahead = server.ahead(target.name)
        self.state.journal = Journal(
            opened.name, opened.uidvalidity, keys, target.name, ahead.uidvalidity, ahead.uidnext, copies
        )
        self._save(self.state)

    def _arrived(self, target: str, keys: Sequence[str]) -> None:
        """A move is made: what it brought is not taken for the reader's."""
        self.state.filed.setdefault(target, Filed(0)).arriving.extend(keys)
        self.state.journal = None

    def _recover(self, server: Server) -> None:
        """Bring a move to its end that broke off, or let it be begun anew."""
        journal = self.state.journal
        if not journal:
            return
        try:
            opened = server.look(server.find(journal.folder).name)
            target = server.find(journal.target)
        except MissingFolderError:
            self.state.journal = None
            return
        if opened.uidvalidity != journal.uidvalidity:
            moved = list(self._copies(server, journal))
        elif journal.copies:
            copies = self._copies(server, journal)
            uids = [uid for uid, key in journal.messages.items() if key in copies]
            moved = [journal.messages[uid] for uid in uids]
            if uids:
                self._open_again(server, opened)
                self._delete(server, uids)
        else:
            here = set(server.uids(min(journal.messages) - 1))
            moved = [key for uid, key in journal.messages.items() if uid not in here]
        self._arrived(target.name, moved)
        self._advance()

    def _copies(self, server: Server, journal: Journal) -> set[str]:
        """Keys of the messages of a move that have arrived."""
        target = server.look(journal.target)
        after = journal.target_uidnext - 1 if target.uidvalidity == journal.target_uidvalidity else 0
        arrived = {mailstate.key(raw) for raw in server.headers(server.uids(max(after, 0))).values()}
        return arrived & set(journal.messages.values())

    # --- what the reader moved by hand ---------------------------------------------------------------------------

    def _look_at(self, server: Server, target: Folder) -> None:
        """Find out what the reader put into the recruiters' folder, and what they took out, since it was last seen.
        What lies there at first may come from anywhere and tells nothing."""
        opened = server.look(target.name)
        before = self.state.filed.get(target.name)
        known = before.messages if before and before.uidvalidity == opened.uidvalidity else {}
        uids = server.uids()
        new = server.headers([uid for uid in uids if uid not in known])
        now = {uid: known[uid] for uid in uids if uid in known}
        now |= {uid: mailstate.key(raw) for uid, raw in new.items()}
        self.state.filed[target.name] = Filed(opened.uidvalidity, now)
        if before is None:
            return
        had, here = {*before.messages.values(), *before.arriving}, set(now.values())
        filtered = {now[uid] for uid, raw in new.items() if _judged_at_delivery(raw)}
        self.state.put_in([key for key in dict.fromkeys(now.values()) if key not in had | filtered])
        self.state.taken_out([key for key in dict.fromkeys([*before.messages.values(), *before.arriving]) if key not in here])  # fmt: skip
        self._keep()

    def _learn_from(self, server: Server, target: Folder) -> Iterator[Done]:
        """Learn what the reader told by moving: spam in the recruiters' folder; legitimate where it lies in another,
        the Trash and the like left out."""
        waiting = dict(self.state.to_learn)
        if not waiting:
            return
        found: list[tuple[bytes, Label, Judged]] = []
        others = [folder for folder in server.folders if folder != target and _tells(folder)]
        for folder in [target, *others]:
            label = Label.SPAM if folder == target else Label.LEGITIMATE
            keys = [key for key, taught in waiting.items() if taught == label.value]
            for origin, key, raw in self._find(server, folder, keys, known=folder == target):
                waiting.pop(key)
                if judged := self._judge.judge(origin, raw, delivered=False):
                    found.append((raw, label, judged))
        if self.task.apply and found:
            self._judge.learn([(raw, label) for raw, label, _ in found])
        self.state.to_learn = {}
        self._advance()
        for _, label, judged in found:
            yield Done(Action.LEARN, label.value, judged)

    def _find(
        self, server: Server, folder: Folder, keys: Sequence[str], *, known: bool
    ) -> Iterator[tuple[str, str, bytes]]:
        """Address, key and bytes of messages that lie in a folder; a known one was looked at in this run."""
        if not keys:
            return
        opened = server.look(folder.name)
        if known:
            uids = self.state.filed[folder.name].messages
        else:
            ids = [key for key in keys if key.startswith("<")]  # no server searches for one of our digests
            uids = {uid: mailstate.key(raw) for uid, raw in server.headers(server.holding(ids)).items()}
        wanted = set(keys)
        first = {key: uid for uid, key in uids.items() if key in wanted}
        for letter in server.letters(sorted(first.values()), MAX_MESSAGE_BYTES):
            yield _address(server, opened, letter.uid), uids[letter.uid], letter.raw


def _address(server: Server, folder: Selected, uid: int) -> str:
    """Where a message lies, as RFC 5092 writes it."""
    account = server.account
    return f"imap://{quote(account.user, safe='')}@{account.host}/{quote(folder.name, safe='/')};UID={uid}"


def _judged_at_delivery(header: bytes) -> bool:
    """Whether a filter at delivery called it spam, and so put it where it lies."""
    return message.parse(header).header("x-spamrec").lower().startswith("spam")


def is_trash_name(name: str) -> bool:
    """Whether a folder of that name is a Trash, whatever stands above it and by whichever delimiter."""
    return re.split(r"[/.]", name.lower())[-1] in TRASH_NAMES


def _tells(folder: Folder) -> bool:
    """Whether a message that the reader moved to a folder is one they want."""
    return not (folder.flags & NO_RESCUE or folder.last.lower() in TRASH_NAMES | JUNK_NAMES)
