PRAGMA journal_mode = WAL;
PRAGMA application_id = 1397771602;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE correspondent (
    party INTEGER NOT NULL REFERENCES party,
    via TEXT NOT NULL,            -- "address book", "linkedin" or "sent"
    name TEXT NOT NULL,
    folded TEXT NOT NULL,         -- name as people are matched by
    page TEXT NOT NULL,           -- last part of the LinkedIn page's address, "" where unknown
    since TEXT NOT NULL,
    PRIMARY KEY (party, via)
) WITHOUT ROWID;
INSERT INTO "correspondent" VALUES(2,'sent','Bob','bob','','2026-01-01T00:00:00');
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
CREATE TABLE own_address (address TEXT PRIMARY KEY, firm TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "own_address" VALUES('me@own.example','own.example');
CREATE TABLE own_message (
    message_id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    request INTEGER NOT NULL      -- whether it asked to stop or complained
) WITHOUT ROWID;
INSERT INTO "own_message" VALUES('<own@own.example>','2026-01-01T00:00:00',0);
CREATE TABLE party (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE, -- mail address, "@domain", or "linkedin:" with a folded name or page
    firm TEXT NOT NULL            -- organisational domain, "" where it stands for no firm
);
INSERT INTO "party" VALUES(1,'jane@shark.example','shark.example');
INSERT INTO "party" VALUES(2,'bob@shark.example','shark.example');
CREATE TABLE posted (
    list TEXT NOT NULL,
    party INTEGER NOT NULL REFERENCES party,
    first TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (list, party)
) WITHOUT ROWID;
INSERT INTO "posted" VALUES('sql.lists.example',1,'2020-01-01',3);
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
INSERT INTO "received" VALUES(1,1,'<old@m.example>','d1','<old@m.example>','','2026-01-01T00:00:00','legitimate','spam');
CREATE TABLE request (
    party INTEGER NOT NULL REFERENCES party,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (party, kind, day)
) WITHOUT ROWID;
INSERT INTO "request" VALUES(1,'stop','2026-01-01');
CREATE INDEX party_firm ON party (firm);
CREATE INDEX correspondent_folded ON correspondent (folded);
CREATE INDEX correspondent_page ON correspondent (page);
CREATE INDEX received_party ON received (party, at);
CREATE INDEX received_thread ON received (thread, at);
CREATE INDEX lesson_party ON lesson (party, at);
CREATE INDEX lesson_thread ON lesson (thread, at);
CREATE INDEX lesson_message ON lesson (message_id);
CREATE INDEX lesson_text ON lesson (text);
COMMIT;
