-- Signing in: what waits for a code, limits that survive a restart, sessions that
-- can be ended for one person without telling who is signed in.

-- +goose Up
DROP TABLE signin_code;
CREATE TABLE signin_code (
    id         BLOB    NOT NULL PRIMARY KEY,
    sealed     BLOB    NOT NULL,
    code       BLOB    NOT NULL,
    attempts   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_code_expires ON signin_code (expires_at);

CREATE TABLE signin_limit (
    subject BLOB    NOT NULL PRIMARY KEY,
    used    INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_limit_ends ON signin_limit (ends_at);

DROP TABLE session;
CREATE TABLE session (
    token      BLOB    NOT NULL PRIMARY KEY,
    owner      BLOB    NOT NULL,
    data       BLOB    NOT NULL,
    idle_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_owner ON session (owner);
CREATE INDEX session_idle ON session (idle_at);
