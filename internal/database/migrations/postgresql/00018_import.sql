-- What the columns of a file are, kept for the next file of its kind: headings
-- only as keyed hashes, for nobody can be sure that what stands on top of a file
-- are headings.

-- +goose Up
CREATE TABLE import_mapping (
    id        BIGINT  NOT NULL PRIMARY KEY,
    unit      BIGINT  NOT NULL,
    name      TEXT    NOT NULL,
    signature BYTEA   NOT NULL,
    columns   BYTEA   NOT NULL,
    made_at   BIGINT  NOT NULL,
    used_at   BIGINT  NOT NULL
);
CREATE UNIQUE INDEX import_mapping_name ON import_mapping (unit, name);
CREATE INDEX import_mapping_signature ON import_mapping (signature);
