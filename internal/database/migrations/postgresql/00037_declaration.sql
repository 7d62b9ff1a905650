-- The privacy declarations of bodies (N4-N9, N13-N16): every version whole with what it
-- was written from, what a body has written towards its next one, and who did what and
-- why, by function. What is published is public; it names functions, never persons.

-- +goose Up
CREATE TABLE declaration_version (
    id           BIGINT NOT NULL PRIMARY KEY,
    unit         BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by BIGINT NOT NULL,
    post         TEXT NOT NULL,
    reviewer     TEXT NOT NULL,
    reason       TEXT NOT NULL,
    material     BIGINT NOT NULL,
    facts        TEXT NOT NULL,
    content      TEXT NOT NULL,
    UNIQUE (unit, number)
);

CREATE TABLE declaration_draft (
    unit      BIGINT NOT NULL PRIMARY KEY,
    state     TEXT NOT NULL,
    revision  BIGINT NOT NULL,
    since     BIGINT NOT NULL,
    writer    BIGINT NOT NULL,
    submitter BIGINT NOT NULL,
    reviewer  BIGINT NOT NULL,
    post      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    material  BIGINT NOT NULL,
    content   TEXT NOT NULL
);

CREATE TABLE declaration_edit (
    id        BIGINT NOT NULL PRIMARY KEY,
    unit      BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    edited_by BIGINT NOT NULL,
    post      TEXT NOT NULL,
    part      TEXT NOT NULL,
    act       TEXT NOT NULL,
    reason    TEXT NOT NULL
);
CREATE INDEX declaration_edit_unit ON declaration_edit (unit, id);

-- +goose Down
DROP TABLE declaration_edit;
DROP TABLE declaration_draft;
DROP TABLE declaration_version;
