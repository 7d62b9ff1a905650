-- The register's first schema on SQLite. Columns are clear; what is known of a
-- person stands sealed in record. columns_test.go holds a reason for each.

-- +goose Up
CREATE TABLE register (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT    NOT NULL PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE unit (
    id         INTEGER NOT NULL PRIMARY KEY,
    parent     INTEGER REFERENCES unit (id),
    level      TEXT    NOT NULL,
    code       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at  INTEGER
) STRICT;

CREATE TABLE record (
    kind    INTEGER NOT NULL,
    person  INTEGER NOT NULL,
    id      INTEGER NOT NULL,
    class   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    due_at  INTEGER,
    sealed  BLOB    NOT NULL,
    PRIMARY KEY (kind, person, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_due ON record (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE journal_entry (
    id   INTEGER NOT NULL PRIMARY KEY,
    leaf BLOB    NOT NULL CHECK (length(leaf) = 32)
) STRICT;

CREATE TABLE journal_body (
    entry      INTEGER NOT NULL PRIMARY KEY,
    salt       BLOB    NOT NULL,
    body       BLOB    NOT NULL,
    keep_until INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_body_keep ON journal_body (keep_until);

CREATE TABLE journal_person (
    chunk      INTEGER NOT NULL,
    entry      INTEGER NOT NULL,
    act        INTEGER NOT NULL,
    bits       BLOB    NOT NULL,
    keep_until INTEGER NOT NULL,
    PRIMARY KEY (chunk, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_person_keep ON journal_person (keep_until);

CREATE TABLE journal_position (
    position INTEGER NOT NULL PRIMARY KEY,
    entry    INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE journal_hash (
    idx  INTEGER NOT NULL PRIMARY KEY,
    hash BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE journal_checkpoint (
    size       INTEGER NOT NULL PRIMARY KEY,
    note       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE duty (
    id           INTEGER NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL,
    subject      INTEGER NOT NULL,
    unit         INTEGER,
    person       INTEGER,
    post         TEXT    NOT NULL,
    due_on       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    done_at      INTEGER,
    done_by      INTEGER,
    outcome      TEXT    NOT NULL,
    reminded_at  INTEGER,
    escalated_at INTEGER
) STRICT;
CREATE INDEX duty_subject ON duty (kind, subject);
CREATE INDEX duty_due ON duty (due_on) WHERE done_at IS NULL;
CREATE INDEX duty_person ON duty (person) WHERE done_at IS NULL;
CREATE INDEX duty_unit ON duty (unit) WHERE done_at IS NULL;

CREATE TABLE extract (
    number      INTEGER NOT NULL PRIMARY KEY,
    entry       INTEGER NOT NULL,
    unit        INTEGER NOT NULL,
    purpose     TEXT    NOT NULL,
    format      TEXT    NOT NULL,
    recipient   INTEGER NOT NULL,
    post        TEXT    NOT NULL,
    members     INTEGER NOT NULL,
    fields      TEXT    NOT NULL,
    pulled_at   INTEGER NOT NULL,
    destroy_by  TEXT    NOT NULL,
    digital_at  INTEGER,
    physical_at INTEGER,
    attested_by INTEGER
) STRICT;
CREATE INDEX extract_entry ON extract (entry);
CREATE INDEX extract_recipient ON extract (recipient);
CREATE INDEX extract_unit ON extract (unit);
CREATE INDEX extract_destroy ON extract (destroy_by) WHERE attested_by IS NULL;

CREATE TABLE departure (
    person           INTEGER NOT NULL PRIMARY KEY,
    state            TEXT    NOT NULL,
    closed_by        INTEGER NOT NULL,
    closed_at        INTEGER NOT NULL,
    due_at           INTEGER NOT NULL,
    second           INTEGER,
    entry            INTEGER NOT NULL,
    certificate      TEXT,
    certificate_hash BLOB,
    step             INTEGER NOT NULL
) STRICT;
CREATE INDEX departure_due ON departure (state, due_at);

CREATE TABLE mail (
    id         INTEGER NOT NULL PRIMARY KEY,
    person     INTEGER,
    key_id     INTEGER NOT NULL,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    sent_at    INTEGER,
    attempts   INTEGER NOT NULL,
    failed_at  INTEGER,
    ends_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_waiting ON mail (not_before) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX mail_person ON mail (person);
CREATE INDEX mail_ends ON mail (ends_at);

CREATE TABLE session (
    token      BLOB    NOT NULL PRIMARY KEY,
    data       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE signin_code (
    id         BLOB    NOT NULL PRIMARY KEY,
    person_set BLOB,
    code       BLOB    NOT NULL,
    attempts   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_code_expires ON signin_code (expires_at);

-- The journal's rows stand (design: tamper-evident record). Bodies and persons
-- may go when their own retention has ended, by the machine's clock: a clock
-- the program was given must not open this door.

-- +goose StatementBegin
CREATE TRIGGER journal_entry_update BEFORE UPDATE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'journal_entry: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_entry_delete BEFORE DELETE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'journal_entry: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_position_update BEFORE UPDATE ON journal_position
BEGIN SELECT RAISE(ABORT, 'journal_position: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_position_delete BEFORE DELETE ON journal_position
BEGIN SELECT RAISE(ABORT, 'journal_position: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_hash_update BEFORE UPDATE ON journal_hash
BEGIN SELECT RAISE(ABORT, 'journal_hash: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_hash_delete BEFORE DELETE ON journal_hash
BEGIN SELECT RAISE(ABORT, 'journal_hash: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_checkpoint_update BEFORE UPDATE ON journal_checkpoint
BEGIN SELECT RAISE(ABORT, 'journal_checkpoint: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_checkpoint_delete BEFORE DELETE ON journal_checkpoint
BEGIN SELECT RAISE(ABORT, 'journal_checkpoint: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_body_update BEFORE UPDATE ON journal_body
BEGIN SELECT RAISE(ABORT, 'journal_body: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_body_delete BEFORE DELETE ON journal_body
WHEN old.keep_until >= unixepoch() * 1000000
BEGIN SELECT RAISE(ABORT, 'journal_body: rows are kept until their end'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_person_update BEFORE UPDATE ON journal_person
BEGIN SELECT RAISE(ABORT, 'journal_person: rows stand'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_person_delete BEFORE DELETE ON journal_person
WHEN old.keep_until >= unixepoch() * 1000000
BEGIN SELECT RAISE(ABORT, 'journal_person: rows are kept until their end'); END;
-- +goose StatementEnd
