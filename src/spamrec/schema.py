"""The tables of the history, and how files of earlier versions become files of this one."""

from __future__ import annotations

import sqlite3

from spamrec.domains import firm

TABLES = """
CREATE TABLE party (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE, -- mail address, "@domain", or "linkedin:" with a folded name or page
    firm TEXT NOT NULL            -- organisational domain, "" where it stands for no firm
);
CREATE INDEX party_firm ON party (firm);
CREATE TABLE own_address (address TEXT PRIMARY KEY, firm TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE own_message (
    message_id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    request INTEGER NOT NULL      -- whether it asked to stop or complained
) WITHOUT ROWID;
CREATE TABLE correspondent (
    party INTEGER NOT NULL REFERENCES party,
    via TEXT NOT NULL,            -- "address book", "linkedin" or "sent"
    name TEXT NOT NULL,
    folded TEXT NOT NULL,         -- name as people are matched by
    page TEXT NOT NULL,           -- last part of the LinkedIn page's address, "" where unknown
    since TEXT NOT NULL,
    PRIMARY KEY (party, via)
) WITHOUT ROWID;
CREATE INDEX correspondent_folded ON correspondent (folded);
CREATE INDEX correspondent_page ON correspondent (page);
CREATE TABLE request (
    party INTEGER NOT NULL REFERENCES party,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (party, kind, day)
) WITHOUT ROWID;
CREATE TABLE received (
    id INTEGER PRIMARY KEY,
    party INTEGER NOT NULL REFERENCES party,
    message_id TEXT NOT NULL,     -- the digest where the message has none
    digest TEXT NOT NULL,         -- of the content, "" where only the Message-ID is known
    thread TEXT NOT NULL,         -- Message-ID of the thread's first message
    list TEXT NOT NULL,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,        -- given at delivery, "" for none
    label TEXT NOT NULL,          -- given by the reader, "" for none
    UNIQUE (message_id, party)
);
CREATE INDEX received_party ON received (party, at);
CREATE INDEX received_thread ON received (thread, at);
CREATE TABLE posted (
    list TEXT NOT NULL,
    party INTEGER NOT NULL REFERENCES party,
    first TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (list, party)
) WITHOUT ROWID;
"""

_FIRST_FORM = ("correspondent", "own_message", "request", "received", "posted")

_CARRY_OVER = (
    "INSERT INTO own_message SELECT message_id, at, 0 FROM old_own_message",
    "INSERT INTO correspondent SELECT id, via, name, folded, '', since"
    " FROM old_correspondent JOIN party USING (address)",
    "INSERT INTO request SELECT id, kind, day FROM old_request JOIN party USING (address)",
    "INSERT INTO received (party, message_id, digest, thread, list, at, verdict, label)"
    " SELECT id, message_id, '', message_id, list, at, '', label FROM old_received JOIN party USING (address)",
    "INSERT INTO posted SELECT list, id, first, count FROM old_posted JOIN party USING (address)",
)


def _to_version_1(db: sqlite3.Connection) -> None:
    """From nothing, or from the first form, which had addresses in every table and bore no version."""
    old = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name in _FIRST_FORM if "received" in old else ():
        db.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
    db.execute("DROP INDEX IF EXISTS correspondent_folded")
    for statement in TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    if "received" in old:
        _carry_over(db)


def _carry_over(db: sqlite3.Connection) -> None:
    sources = " UNION ".join(
        f"SELECT address FROM old_{name}"  # noqa: S608 - our own table names
        for name in _FIRST_FORM
        if name != "own_message"
    )
    for (address,) in db.execute(sources).fetchall():
        db.execute("INSERT INTO party (address, firm) VALUES (?, ?)", (address, firm(address)))
    for statement in _CARRY_OVER:
        db.execute(statement)
    for name in _FIRST_FORM:
        db.execute(f"DROP TABLE old_{name}")


LESSONS = """
CREATE TABLE lesson (
    digest TEXT PRIMARY KEY,      -- of the content
    message_id TEXT NOT NULL,     -- "" for none
    party INTEGER REFERENCES party, -- who speaks, NULL where nobody is named
    text TEXT NOT NULL,           -- digest of subject and words, "" where there are none
    long INTEGER NOT NULL,        -- whether the words are enough to tell the text from others
    thread TEXT NOT NULL,         -- Message-ID of the thread's first message
    at TEXT NOT NULL,             -- when the message was sent
    label TEXT NOT NULL,          -- given by the reader
    told TEXT NOT NULL,           -- when they gave it
    measured TEXT NOT NULL        -- what the models read of it, as JSON
) WITHOUT ROWID;
CREATE INDEX lesson_party ON lesson (party, at);
CREATE INDEX lesson_thread ON lesson (thread, at);
CREATE INDEX lesson_message ON lesson (message_id);
CREATE INDEX lesson_text ON lesson (text);
"""


def _to_version_2(db: sqlite3.Connection) -> None:
    """Messages that the reader labelled, with what the models read of them."""
    for statement in LESSONS.split(";\n"):
        if statement.strip():
            db.execute(statement)


def _to_version_3(db: sqlite3.Connection) -> None:
    """Whether anything is remembered of a list is asked of each message that came over one."""
    db.execute("CREATE INDEX received_list ON received (list, at) WHERE list != ''")


MIGRATIONS = (_to_version_1, _to_version_2, _to_version_3)
"""One step for each schema version, never changed once released; the last one makes today's."""
