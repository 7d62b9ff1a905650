-- Agreements on the members' data (N2, N12, L10), and the seal on papers.

-- +goose Up
CREATE TABLE seal_certificate (
    number      BIGINT NOT NULL PRIMARY KEY,
    certificate BYTEA NOT NULL
);

-- An agreement's text names nobody. Who signed, scans and sealed papers are records
-- under a key of the agreement's own.
CREATE TABLE agreement (
    number       BIGINT NOT NULL PRIMARY KEY,
    unit         BIGINT NOT NULL REFERENCES unit (id),
    other        BIGINT NOT NULL REFERENCES unit (id),
    kind         TEXT NOT NULL,
    version      BIGINT NOT NULL,
    state        TEXT NOT NULL,
    why          TEXT NOT NULL,
    paper        BIGINT NOT NULL,
    lang         TEXT NOT NULL,
    opened_at    BIGINT NOT NULL,
    due_on       TEXT NOT NULL,
    signed_at    BIGINT,
    accepted_at  BIGINT,
    concluded_at BIGINT,
    ended_at     BIGINT,
    keep_until   TEXT,
    hash         BYTEA,
    sealed_hash  BYTEA,
    content      TEXT NOT NULL,
    holder       BIGINT NOT NULL,
    signer       BIGINT NOT NULL,
    looked       BIGINT NOT NULL,
    counter      BIGINT NOT NULL,
    entry        BIGINT NOT NULL
);
CREATE INDEX agreement_unit ON agreement (unit, number);

CREATE TABLE processor (
    id       BIGINT NOT NULL PRIMARY KEY,
    unit     BIGINT NOT NULL REFERENCES unit (id),
    parent   BIGINT NOT NULL,
    holder   BIGINT NOT NULL,
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
    keeper   BIGINT NOT NULL
);

CREATE TABLE processor_objection (
    id        BIGINT NOT NULL PRIMARY KEY,
    processor BIGINT NOT NULL REFERENCES processor (id),
    unit      BIGINT NOT NULL REFERENCES unit (id),
    said_at   BIGINT NOT NULL,
    said_by   BIGINT NOT NULL,
    reason    TEXT NOT NULL,
    answer    TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    done_at   BIGINT
);

-- +goose Down
DROP TABLE processor_objection;
DROP TABLE processor;
DROP TABLE agreement;
DROP TABLE seal_certificate;
