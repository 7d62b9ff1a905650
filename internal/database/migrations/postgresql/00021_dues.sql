-- Dues: what members of a body pay in a year, how often it was charged, and the
-- heads that were counted for settling between bodies. Nothing here is about
-- anybody: what somebody owes and has paid is sealed with them.

-- +goose Up
CREATE TABLE dues_sheet (
    id         BIGINT NOT NULL PRIMARY KEY,
    unit       BIGINT NOT NULL,
    year       BIGINT NOT NULL,
    due_on     TEXT NOT NULL,
    payee      TEXT NOT NULL,
    part_year  BIGINT NOT NULL,
    set_by     BIGINT NOT NULL,
    set_at     BIGINT NOT NULL
);
CREATE INDEX dues_sheet_of ON dues_sheet (unit, year, id);
CREATE TABLE dues_rate (
    sheet      BIGINT NOT NULL,
    category   TEXT NOT NULL,
    amount     BIGINT NOT NULL,
    PRIMARY KEY (sheet, category)
);
CREATE TABLE dues_run (
    number     BIGINT NOT NULL PRIMARY KEY,
    unit       BIGINT NOT NULL,
    year       BIGINT NOT NULL,
    run_by     BIGINT NOT NULL,
    run_at     BIGINT NOT NULL,
    members    BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    undone_at  BIGINT
);
CREATE INDEX dues_run_of ON dues_run (year, unit);
CREATE TABLE dues_count (
    unit       BIGINT NOT NULL,
    cut_off    TEXT NOT NULL,
    category   TEXT NOT NULL,
    members    BIGINT NOT NULL,
    paying     BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    PRIMARY KEY (unit, cut_off, category)
);
