-- +goose Up

-- What the keyring is: its id, a sealed value that tells the right master key,
-- wrapped secrets, the set of pending persons.
CREATE TABLE keyring (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

-- Keys, claims and one-off keys lie in drawers: blobs of one size, one to a
-- database page. SQLite's secure_delete leaves copies of small rows behind when
-- it moves them between pages; what never moves can be forgotten where it lies.
CREATE TABLE key_drawer (
    id    INTEGER PRIMARY KEY,
    cells BLOB NOT NULL CHECK (length(cells) = 3840)
) STRICT;

CREATE TABLE claim_drawer (
    id    INTEGER PRIMARY KEY,
    cells BLOB NOT NULL CHECK (length(cells) = 3840)
) STRICT;

CREATE TABLE one_off_drawer (
    id    INTEGER PRIMARY KEY,
    cells BLOB NOT NULL CHECK (length(cells) = 3840)
) STRICT;

-- The erasure ledger: appended to, never changed.
CREATE TABLE ledger (
    seq         INTEGER PRIMARY KEY,
    person      INTEGER NOT NULL,
    class       INTEGER NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    at          INTEGER NOT NULL,
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    signature   BLOB NOT NULL CHECK (length(signature) = 64),
    UNIQUE (person, class)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never shortened');
END;
-- +goose StatementEnd

-- INSERT OR REPLACE would delete without firing the trigger above.
-- +goose StatementBegin
CREATE TRIGGER ledger_only_append BEFORE INSERT ON ledger
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger)
  OR EXISTS (SELECT 1 FROM ledger WHERE person = NEW.person AND class = NEW.class)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is only appended to');
END;
-- +goose StatementEnd
