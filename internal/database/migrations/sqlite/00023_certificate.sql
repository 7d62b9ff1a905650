-- What a certificate of an erasure is finished from. Only whoever holds its
-- number and salt opens what is sealed.

-- +goose Up
CREATE TABLE certificate (
    person      INTEGER NOT NULL PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    sealed      BLOB NOT NULL,
    made_at     INTEGER NOT NULL,
    complete_at INTEGER,
    ends_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX certificate_ends ON certificate (ends_at);

-- +goose Down
DROP TABLE certificate;
