-- Destruction and leaving (D6, D7, D12): lists that may live longer or are lost, when a
-- duty was told of last by its plan, and why members left, counted without them.

-- +goose Up
CREATE TABLE extract_exception (
    id         INTEGER NOT NULL PRIMARY KEY,
    number     INTEGER NOT NULL REFERENCES extract (number),
    state      TEXT    NOT NULL,
    person     INTEGER NOT NULL,
    holder     INTEGER NOT NULL,
    asked_at   INTEGER NOT NULL,
    from_day   TEXT    NOT NULL,
    until_day  TEXT    NOT NULL,
    decided_by INTEGER,
    decided_at INTEGER
) STRICT;
CREATE INDEX extract_exception_number ON extract_exception (number);
ALTER TABLE extract ADD COLUMN lost_at INTEGER;
ALTER TABLE extract_pass ADD COLUMN lost_at INTEGER;
ALTER TABLE duty ADD COLUMN told INTEGER;

CREATE TABLE departure_running (
    id     INTEGER NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB    NOT NULL
) STRICT;
CREATE TABLE departure_count (
    year    INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    persons INTEGER NOT NULL,
    PRIMARY KEY (year, reason)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE departure_count;
DROP TABLE departure_running;
ALTER TABLE duty DROP COLUMN told;
ALTER TABLE extract_pass DROP COLUMN lost_at;
ALTER TABLE extract DROP COLUMN lost_at;
DROP TABLE extract_exception;
