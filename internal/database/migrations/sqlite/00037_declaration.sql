-- The privacy declarations of bodies (N4-N9, N13-N16): every version whole with what it
-- was written from, what a body has written towards its next one, and who did what and
-- why, by function. What is published is public; it names functions, never persons.

-- +goose Up
CREATE TABLE declaration_version (
    id           INTEGER NOT NULL PRIMARY KEY,
    unit         INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    published_by INTEGER NOT NULL,
    post         TEXT NOT NULL,
    reviewer     TEXT NOT NULL,
    reason       TEXT NOT NULL,
    material     INTEGER NOT NULL,
    facts        TEXT NOT NULL,
    content      TEXT NOT NULL,
    UNIQUE (unit, number)
) STRICT;

CREATE TABLE declaration_draft (
    unit      INTEGER NOT NULL PRIMARY KEY,
    state     TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    since     INTEGER NOT NULL,
    writer    INTEGER NOT NULL,
    submitter INTEGER NOT NULL,
    reviewer  INTEGER NOT NULL,
    post      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    material  INTEGER NOT NULL,
    content   TEXT NOT NULL
) STRICT;

CREATE TABLE declaration_edit (
    id        INTEGER NOT NULL PRIMARY KEY,
    unit      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    edited_by INTEGER NOT NULL,
    post      TEXT NOT NULL,
    part      TEXT NOT NULL,
    act       TEXT NOT NULL,
    reason    TEXT NOT NULL
) STRICT;
CREATE INDEX declaration_edit_unit ON declaration_edit (unit, id);

-- +goose Down
DROP TABLE declaration_edit;
DROP TABLE declaration_draft;
DROP TABLE declaration_version;
