-- What happened in each body for a while (news), and rounds of calls (round).
-- Who it is about is sealed, under keys that end.

-- +goose Up
CREATE TABLE news (
    id      INTEGER NOT NULL PRIMARY KEY,
    unit    INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    key_id  INTEGER NOT NULL,
    sealed  BLOB NOT NULL
) STRICT;
CREATE INDEX news_at ON news (at);

CREATE TABLE round (
    number   INTEGER NOT NULL PRIMARY KEY,
    unit     INTEGER NOT NULL,
    purpose  TEXT NOT NULL,
    begun_by INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    ends_on  TEXT NOT NULL,
    members  INTEGER NOT NULL,
    waiting  INTEGER NOT NULL,
    ended_at INTEGER,
    key_id   INTEGER NOT NULL,
    sealed   BLOB NOT NULL
) STRICT;
CREATE INDEX round_open ON round (ended_at, unit);

-- +goose Down
DROP TABLE round;
DROP TABLE news;
