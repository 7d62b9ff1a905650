-- The daily sweep: what each rule was going to end on a day, what it ended, and
-- what was stopped until two persons agree. Numbers, days and ids of officers; whom
-- it is about stands nowhere. And what is known of the clock.

-- +goose Up
CREATE TABLE retention_plan (
    day     TEXT    NOT NULL,
    rule    TEXT    NOT NULL,
    made_at BIGINT  NOT NULL,
    today   BIGINT  NOT NULL,
    week    BIGINT  NOT NULL,
    month   BIGINT  NOT NULL,
    total   BIGINT  NOT NULL,
    PRIMARY KEY (day, rule)
);

CREATE TABLE retention_run (
    number   BIGINT  NOT NULL PRIMARY KEY,
    rule     TEXT    NOT NULL,
    by_at    BIGINT  NOT NULL,
    told     BIGINT  NOT NULL,
    taken    BIGINT  NOT NULL,
    brake    BIGINT  NOT NULL,
    began_at BIGINT  NOT NULL,
    ended_at BIGINT
);
CREATE INDEX retention_run_rule ON retention_run (rule, began_at);

CREATE TABLE retention_brake (
    number     BIGINT  NOT NULL PRIMARY KEY,
    rule       TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    by_at      BIGINT  NOT NULL,
    made_at    BIGINT  NOT NULL,
    told       BIGINT  NOT NULL,
    total      BIGINT  NOT NULL,
    allowed    BIGINT  NOT NULL,
    first_by   BIGINT,
    first_at   BIGINT,
    second_by  BIGINT,
    decided_at BIGINT,
    until_at   BIGINT
);
CREATE INDEX retention_brake_state ON retention_brake (state, rule);

CREATE TABLE retention_clock (
    id         BIGINT  NOT NULL PRIMARY KEY,
    seen_at    BIGINT  NOT NULL,
    uptime     BIGINT  NOT NULL,
    boot       TEXT    NOT NULL,
    doubt_at   BIGINT,
    shown_at   BIGINT,
    cleared_at BIGINT,
    cleared_by BIGINT,
    how        TEXT    NOT NULL
);

-- +goose Down
DROP TABLE retention_clock;
DROP TABLE retention_brake;
DROP TABLE retention_run;
DROP TABLE retention_plan;
