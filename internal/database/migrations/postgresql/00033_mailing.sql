-- Mailings: what a body writes to its members, and how far sending has come. Their
-- text, and who is still to be written to, lie sealed under one-off keys.

-- +goose Up
CREATE TABLE mailing (
    id          BIGINT NOT NULL PRIMARY KEY,
    unit        BIGINT NOT NULL,
    purpose     TEXT NOT NULL,
    state       TEXT NOT NULL,
    state_at    BIGINT NOT NULL,
    written_by  BIGINT NOT NULL,
    written_at  BIGINT NOT NULL,
    approved_by BIGINT,
    approved_at BIGINT,
    begins_at   BIGINT,
    begun_at    BIGINT,
    ended_at    BIGINT,
    worked_at   BIGINT,
    entry       BIGINT,
    key_id      BIGINT NOT NULL,
    sealed      BYTEA NOT NULL,
    run_key     BIGINT NOT NULL,
    waiting     BYTEA NOT NULL,
    numbers     BYTEA NOT NULL
);
CREATE INDEX mailing_state ON mailing (state, begins_at);
CREATE INDEX mailing_unit ON mailing (unit, id);

-- +goose Down
DROP TABLE mailing;
