-- The published procedure for access and the guideline on keeping (D12, D15): every
-- version whole, and the association's own words for the next one. Both are public. The
-- name of an editor is a sealed record of that person; here stands the function.

-- +goose Up
CREATE TABLE procedure_version (
    id           INTEGER NOT NULL PRIMARY KEY,
    document     TEXT NOT NULL,
    number       INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    published_by INTEGER NOT NULL,
    editor       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    content      TEXT NOT NULL,
    UNIQUE (document, number)
) STRICT;

CREATE TABLE procedure_note (
    document TEXT NOT NULL,
    section  TEXT NOT NULL,
    language TEXT NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (document, section, language)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE procedure_note;
DROP TABLE procedure_version;
