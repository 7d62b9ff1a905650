-- What was written to places outside the register, and what was tried: archives
-- and restore drills, each with its outcome. No name and no key.

-- +goose Up
CREATE TABLE backup_run (
    id       BIGINT NOT NULL PRIMARY KEY,
    kind     TEXT    NOT NULL,
    place    TEXT    NOT NULL,
    archive  TEXT    NOT NULL,
    began_at BIGINT  NOT NULL,
    ended_at BIGINT ,
    outcome  TEXT    NOT NULL,
    counted  BIGINT  NOT NULL,
    bytes    BIGINT  NOT NULL,
    fresh    BIGINT  NOT NULL
);
CREATE INDEX backup_run_place ON backup_run (kind, place);

-- +goose Down
DROP TABLE backup_run;
