-- What the places outside that hold a copy of the keyring have confirmed, and
-- since when one fails. A place stays on record until its copy is gone: it holds
-- the keys of whoever is erased after it was last written.

-- +goose Up
CREATE TABLE key_copy (
    number       BIGINT NOT NULL PRIMARY KEY,
    address      TEXT NOT NULL UNIQUE,
    ledger       BIGINT NOT NULL,
    confirmed_at BIGINT,
    verified_at  BIGINT,
    failing_at   BIGINT,
    problem      TEXT NOT NULL,
    repaired     BIGINT NOT NULL
);
