-- Mailings: what a body writes to its members, and how far sending has come. Their
-- text, and who is still to be written to, lie sealed under one-off keys.

-- +goose Up
CREATE TABLE mailing (
    id          INTEGER NOT NULL PRIMARY KEY,
    unit        INTEGER NOT NULL,
    purpose     TEXT NOT NULL,
    state       TEXT NOT NULL,
    state_at    INTEGER NOT NULL,
    written_by  INTEGER NOT NULL,
    written_at  INTEGER NOT NULL,
    approved_by INTEGER,
    approved_at INTEGER,
    begins_at   INTEGER,
    begun_at    INTEGER,
    ended_at    INTEGER,
    worked_at   INTEGER,
    entry       INTEGER,
    key_id      INTEGER NOT NULL,
    sealed      BLOB NOT NULL,
    run_key     INTEGER NOT NULL,
    waiting     BLOB NOT NULL,
    numbers     BLOB NOT NULL
) STRICT;
CREATE INDEX mailing_state ON mailing (state, begins_at);
CREATE INDEX mailing_unit ON mailing (unit, id);

-- +goose Down
DROP TABLE mailing;
