-- Signing in: what waits for a code, limits that survive a restart, sessions that
-- can be ended for one person without telling who is signed in.

-- +goose Up
DROP TABLE signin_code;
CREATE TABLE signin_code (
    id         BYTEA   NOT NULL PRIMARY KEY,
    sealed     BYTEA   NOT NULL,
    code       BYTEA   NOT NULL,
    attempts   INTEGER NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX signin_code_expires ON signin_code (expires_at);

CREATE TABLE signin_limit (
    subject BYTEA   NOT NULL PRIMARY KEY,
    used    INTEGER NOT NULL,
    ends_at BIGINT  NOT NULL
);
CREATE INDEX signin_limit_ends ON signin_limit (ends_at);

DROP TABLE session;
CREATE TABLE session (
    token      BYTEA   NOT NULL PRIMARY KEY,
    owner      BYTEA   NOT NULL,
    data       BYTEA   NOT NULL,
    idle_at    BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX session_owner ON session (owner);
CREATE INDEX session_idle ON session (idle_at);
