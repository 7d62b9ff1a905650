-- What the places outside that hold a copy of the keyring have confirmed, and
-- since when one fails. A place stays on record until its copy is gone: it holds
-- the keys of whoever is erased after it was last written.

-- +goose Up
CREATE TABLE key_copy (
    number       INTEGER NOT NULL PRIMARY KEY,
    address      TEXT NOT NULL UNIQUE,
    ledger       INTEGER NOT NULL,
    confirmed_at INTEGER,
    verified_at  INTEGER,
    failing_at   INTEGER,
    problem      TEXT NOT NULL,
    repaired     INTEGER NOT NULL
) STRICT;
