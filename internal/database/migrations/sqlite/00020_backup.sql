-- What was written to places outside the register, and what was tried: archives
-- and restore drills, each with its outcome. No name and no key.

-- +goose Up
CREATE TABLE backup_run (
    id       INTEGER NOT NULL PRIMARY KEY,
    kind     TEXT    NOT NULL,
    place    TEXT    NOT NULL,
    archive  TEXT    NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome  TEXT    NOT NULL,
    counted  INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    fresh    INTEGER NOT NULL
) STRICT;
CREATE INDEX backup_run_place ON backup_run (kind, place);

-- +goose Down
DROP TABLE backup_run;
