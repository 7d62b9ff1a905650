-- The register's first schema on PostgreSQL. Columns are clear; what is known of a
-- person stands sealed in record. columns_test.go holds a reason for each.

-- +goose Up
CREATE TABLE register (
    name  TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE counter (
    name TEXT    NOT NULL PRIMARY KEY,
    next BIGINT  NOT NULL
);

CREATE TABLE unit (
    id         BIGINT  NOT NULL PRIMARY KEY,
    parent     BIGINT  REFERENCES unit (id),
    level      TEXT    NOT NULL,
    code       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    closed_at  BIGINT
);

CREATE TABLE record (
    kind    INTEGER NOT NULL,
    person  BIGINT  NOT NULL,
    id      BIGINT  NOT NULL,
    class   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    due_at  BIGINT,
    sealed  BYTEA   NOT NULL,
    PRIMARY KEY (kind, person, id)
);
CREATE INDEX record_due ON record (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE journal_entry (
    id   BIGINT  NOT NULL PRIMARY KEY,
    leaf BYTEA   NOT NULL CHECK (length(leaf) = 32)
);

CREATE TABLE journal_body (
    entry      BIGINT  NOT NULL PRIMARY KEY,
    salt       BYTEA   NOT NULL,
    body       BYTEA   NOT NULL,
    keep_until BIGINT  NOT NULL
);
CREATE INDEX journal_body_keep ON journal_body (keep_until);

CREATE TABLE journal_person (
    chunk      BIGINT  NOT NULL,
    entry      BIGINT  NOT NULL,
    act        INTEGER NOT NULL,
    bits       BYTEA   NOT NULL,
    keep_until BIGINT  NOT NULL,
    PRIMARY KEY (chunk, entry)
);
CREATE INDEX journal_person_keep ON journal_person (keep_until);

CREATE TABLE journal_position (
    position BIGINT  NOT NULL PRIMARY KEY,
    entry    BIGINT  NOT NULL UNIQUE
);

CREATE TABLE journal_hash (
    idx  BIGINT  NOT NULL PRIMARY KEY,
    hash BYTEA   NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE journal_checkpoint (
    size       BIGINT  NOT NULL PRIMARY KEY,
    note       TEXT    NOT NULL,
    created_at BIGINT  NOT NULL
);

CREATE TABLE duty (
    id           BIGINT  NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL,
    subject      BIGINT  NOT NULL,
    unit         BIGINT,
    person       BIGINT,
    post         TEXT    NOT NULL,
    due_on       TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    done_at      BIGINT,
    done_by      BIGINT,
    outcome      TEXT    NOT NULL,
    reminded_at  BIGINT,
    escalated_at BIGINT
);
CREATE INDEX duty_subject ON duty (kind, subject);
CREATE INDEX duty_due ON duty (due_on) WHERE done_at IS NULL;
CREATE INDEX duty_person ON duty (person) WHERE done_at IS NULL;
CREATE INDEX duty_unit ON duty (unit) WHERE done_at IS NULL;

CREATE TABLE extract (
    number      BIGINT  NOT NULL PRIMARY KEY,
    entry       BIGINT  NOT NULL,
    unit        BIGINT  NOT NULL,
    purpose     TEXT    NOT NULL,
    format      TEXT    NOT NULL,
    recipient   BIGINT  NOT NULL,
    post        TEXT    NOT NULL,
    members     BIGINT  NOT NULL,
    fields      TEXT    NOT NULL,
    pulled_at   BIGINT  NOT NULL,
    destroy_by  TEXT    NOT NULL,
    digital_at  BIGINT,
    physical_at BIGINT,
    attested_by BIGINT
);
CREATE INDEX extract_entry ON extract (entry);
CREATE INDEX extract_recipient ON extract (recipient);
CREATE INDEX extract_unit ON extract (unit);
CREATE INDEX extract_destroy ON extract (destroy_by) WHERE attested_by IS NULL;

CREATE TABLE departure (
    person           BIGINT  NOT NULL PRIMARY KEY,
    state            TEXT    NOT NULL,
    closed_by        BIGINT  NOT NULL,
    closed_at        BIGINT  NOT NULL,
    due_at           BIGINT  NOT NULL,
    second           BIGINT,
    entry            BIGINT  NOT NULL,
    certificate      TEXT,
    certificate_hash BYTEA,
    step             INTEGER NOT NULL
);
CREATE INDEX departure_due ON departure (state, due_at);

CREATE TABLE mail (
    id         BIGINT  NOT NULL PRIMARY KEY,
    person     BIGINT,
    key_id     BIGINT  NOT NULL,
    sealed     BYTEA   NOT NULL,
    created_at BIGINT  NOT NULL,
    not_before BIGINT  NOT NULL,
    sent_at    BIGINT,
    attempts   INTEGER NOT NULL,
    failed_at  BIGINT,
    ends_at    BIGINT  NOT NULL
);
CREATE INDEX mail_waiting ON mail (not_before) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX mail_person ON mail (person);
CREATE INDEX mail_ends ON mail (ends_at);

CREATE TABLE session (
    token      BYTEA   NOT NULL PRIMARY KEY,
    data       BYTEA   NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE signin_code (
    id         BYTEA   NOT NULL PRIMARY KEY,
    person_set BYTEA,
    code       BYTEA   NOT NULL,
    attempts   INTEGER NOT NULL,
    expires_at BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE INDEX signin_code_expires ON signin_code (expires_at);

-- The journal's rows stand (design: tamper-evident record). Bodies and persons
-- may go when their own retention has ended, by the machine's clock: a clock
-- the program was given must not open this door.

-- +goose StatementBegin
CREATE FUNCTION journal_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows stand', TG_TABLE_NAME USING ERRCODE = 'KT001';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION journal_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF old.keep_until >= extract(epoch FROM clock_timestamp())::bigint * 1000000 THEN
        RAISE EXCEPTION '%: rows are kept until their end', TG_TABLE_NAME USING ERRCODE = 'KT001';
    END IF;
    RETURN old;
END $$;
-- +goose StatementEnd

CREATE TRIGGER journal_entry_stands BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_position_stands BEFORE UPDATE OR DELETE ON journal_position
    FOR EACH ROW EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_hash_stands BEFORE UPDATE OR DELETE ON journal_hash
    FOR EACH ROW EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_checkpoint_stands BEFORE UPDATE OR DELETE ON journal_checkpoint
    FOR EACH ROW EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_body_stands BEFORE UPDATE ON journal_body
    FOR EACH ROW EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_body_kept BEFORE DELETE ON journal_body
    FOR EACH ROW EXECUTE FUNCTION journal_kept();
CREATE TRIGGER journal_person_stands BEFORE UPDATE ON journal_person
    FOR EACH ROW EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_person_kept BEFORE DELETE ON journal_person
    FOR EACH ROW EXECUTE FUNCTION journal_kept();

-- TRUNCATE fires no row trigger.
CREATE TRIGGER journal_entry_truncate BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_position_truncate BEFORE TRUNCATE ON journal_position
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_hash_truncate BEFORE TRUNCATE ON journal_hash
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_checkpoint_truncate BEFORE TRUNCATE ON journal_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_body_truncate BEFORE TRUNCATE ON journal_body
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stands();
CREATE TRIGGER journal_person_truncate BEFORE TRUNCATE ON journal_person
    FOR EACH STATEMENT EXECUTE FUNCTION journal_stands();
