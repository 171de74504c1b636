CREATE TABLE correspondent (address TEXT NOT NULL, via TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
    since TEXT NOT NULL, PRIMARY KEY (address, via));
CREATE INDEX correspondent_folded ON correspondent (folded);
CREATE INDEX correspondent_since ON correspondent (since);
CREATE TABLE own_message (message_id TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE request (address TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (address, kind, day));
CREATE TABLE received (message_id TEXT PRIMARY KEY, address TEXT NOT NULL, list TEXT NOT NULL, at TEXT NOT NULL,
    label TEXT NOT NULL);
CREATE INDEX received_address ON received (address, at);
CREATE TABLE posted (list TEXT NOT NULL, address TEXT NOT NULL, first TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (list, address));
INSERT INTO correspondent VALUES ('bob@shark.example', 'sent', 'Bob', 'bob', '2026-01-01T00:00:00');
INSERT INTO own_message VALUES ('<own@own.example>', '2026-01-01T00:00:00');
INSERT INTO request VALUES ('jane@shark.example', 'stop', '2026-01-01');
INSERT INTO received VALUES ('<old@m.example>', 'jane@shark.example', '', '2026-01-01T00:00:00', 'spam');
INSERT INTO posted VALUES ('sql.lists.example', 'jane@shark.example', '2020-01-01', 3);
