-- Dues: what members of a body pay in a year, how often it was charged, and the
-- heads that were counted for settling between bodies. Nothing here is about
-- anybody: what somebody owes and has paid is sealed with them.

-- +goose Up
CREATE TABLE dues_sheet (
    id         INTEGER NOT NULL PRIMARY KEY,
    unit       INTEGER NOT NULL,
    year       INTEGER NOT NULL,
    due_on     TEXT NOT NULL,
    payee      TEXT NOT NULL,
    part_year  INTEGER NOT NULL,
    set_by     INTEGER NOT NULL,
    set_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX dues_sheet_of ON dues_sheet (unit, year, id);
CREATE TABLE dues_rate (
    sheet      INTEGER NOT NULL,
    category   TEXT NOT NULL,
    amount     INTEGER NOT NULL,
    PRIMARY KEY (sheet, category)
) STRICT;
CREATE TABLE dues_run (
    number     INTEGER NOT NULL PRIMARY KEY,
    unit       INTEGER NOT NULL,
    year       INTEGER NOT NULL,
    run_by     INTEGER NOT NULL,
    run_at     INTEGER NOT NULL,
    members    INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    undone_at  INTEGER
) STRICT;
CREATE INDEX dues_run_of ON dues_run (year, unit);
CREATE TABLE dues_count (
    unit       INTEGER NOT NULL,
    cut_off    TEXT NOT NULL,
    category   TEXT NOT NULL,
    members    INTEGER NOT NULL,
    paying     INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    PRIMARY KEY (unit, cut_off, category)
) STRICT;
