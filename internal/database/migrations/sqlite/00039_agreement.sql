-- Agreements on the members' data (N2, N12, L10), and the seal on papers.

-- +goose Up
CREATE TABLE seal_certificate (
    number      INTEGER NOT NULL PRIMARY KEY,
    certificate BLOB NOT NULL
) STRICT;

-- An agreement's text names nobody. Who signed, scans and sealed papers are records
-- under a key of the agreement's own.
CREATE TABLE agreement (
    number       INTEGER NOT NULL PRIMARY KEY,
    unit         INTEGER NOT NULL REFERENCES unit (id),
    other        INTEGER NOT NULL REFERENCES unit (id),
    kind         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL,
    why          TEXT NOT NULL,
    paper        INTEGER NOT NULL,
    lang         TEXT NOT NULL,
    opened_at    INTEGER NOT NULL,
    due_on       TEXT NOT NULL,
    signed_at    INTEGER,
    accepted_at  INTEGER,
    concluded_at INTEGER,
    ended_at     INTEGER,
    keep_until   TEXT,
    hash         BLOB,
    sealed_hash  BLOB,
    content      TEXT NOT NULL,
    holder       INTEGER NOT NULL,
    signer       INTEGER NOT NULL,
    looked       INTEGER NOT NULL,
    counter      INTEGER NOT NULL,
    entry        INTEGER NOT NULL
) STRICT;
CREATE INDEX agreement_unit ON agreement (unit, number);

CREATE TABLE processor (
    id       INTEGER NOT NULL PRIMARY KEY,
    unit     INTEGER NOT NULL REFERENCES unit (id),
    parent   INTEGER NOT NULL,
    holder   INTEGER NOT NULL,
    name     TEXT NOT NULL,
    address  TEXT NOT NULL,
    contact  TEXT NOT NULL,
    country  TEXT NOT NULL,
    transfer TEXT NOT NULL,
    task     TEXT NOT NULL,
    purposes TEXT NOT NULL,
    fields   TEXT NOT NULL,
    from_on  TEXT NOT NULL,
    until_on TEXT,
    told_on  TEXT,
    keeper   INTEGER NOT NULL
) STRICT;

CREATE TABLE processor_objection (
    id        INTEGER NOT NULL PRIMARY KEY,
    processor INTEGER NOT NULL REFERENCES processor (id),
    unit      INTEGER NOT NULL REFERENCES unit (id),
    said_at   INTEGER NOT NULL,
    said_by   INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    answer    TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    done_at   INTEGER
) STRICT;

-- +goose Down
DROP TABLE processor_objection;
DROP TABLE processor;
DROP TABLE agreement;
DROP TABLE seal_certificate;
