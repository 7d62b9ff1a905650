-- What the columns of a file are, kept for the next file of its kind: headings
-- only as keyed hashes, for nobody can be sure that what stands on top of a file
-- are headings.

-- +goose Up
CREATE TABLE import_mapping (
    id        INTEGER NOT NULL PRIMARY KEY,
    unit      INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    signature BLOB    NOT NULL,
    columns   BLOB    NOT NULL,
    made_at   INTEGER NOT NULL,
    used_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX import_mapping_name ON import_mapping (unit, name);
CREATE INDEX import_mapping_signature ON import_mapping (signature);
