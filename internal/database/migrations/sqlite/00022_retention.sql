-- The daily sweep: what each rule was going to end on a day, what it ended, and
-- what was stopped until two persons agree. Numbers, days and ids of officers; whom
-- it is about stands nowhere. And what is known of the clock.

-- +goose Up
CREATE TABLE retention_plan (
    day     TEXT    NOT NULL,
    rule    TEXT    NOT NULL,
    made_at INTEGER NOT NULL,
    today   INTEGER NOT NULL,
    week    INTEGER NOT NULL,
    month   INTEGER NOT NULL,
    total   INTEGER NOT NULL,
    PRIMARY KEY (day, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE retention_run (
    number   INTEGER NOT NULL PRIMARY KEY,
    rule     TEXT    NOT NULL,
    by_at    INTEGER NOT NULL,
    told     INTEGER NOT NULL,
    taken    INTEGER NOT NULL,
    brake    INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX retention_run_rule ON retention_run (rule, began_at);

CREATE TABLE retention_brake (
    number     INTEGER NOT NULL PRIMARY KEY,
    rule       TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    by_at      INTEGER NOT NULL,
    made_at    INTEGER NOT NULL,
    told       INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    allowed    INTEGER NOT NULL,
    first_by   INTEGER,
    first_at   INTEGER,
    second_by  INTEGER,
    decided_at INTEGER,
    until_at   INTEGER
) STRICT;
CREATE INDEX retention_brake_state ON retention_brake (state, rule);

CREATE TABLE retention_clock (
    id         INTEGER NOT NULL PRIMARY KEY,
    seen_at    INTEGER NOT NULL,
    uptime     INTEGER NOT NULL,
    boot       TEXT    NOT NULL,
    doubt_at   INTEGER,
    shown_at   INTEGER,
    cleared_at INTEGER,
    cleared_by INTEGER,
    how        TEXT    NOT NULL
) STRICT;

-- +goose Down
DROP TABLE retention_clock;
DROP TABLE retention_brake;
DROP TABLE retention_run;
DROP TABLE retention_plan;
