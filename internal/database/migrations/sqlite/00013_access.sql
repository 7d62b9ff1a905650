-- Who had access when (D3), and who else holds a list after a handover (D12).
-- Ids, roles and days; an erased person is nobody in it.

-- +goose Up
CREATE TABLE access_history (
    id        INTEGER NOT NULL PRIMARY KEY,
    mark      INTEGER NOT NULL,
    holding   INTEGER,
    person    INTEGER,
    kind      TEXT    NOT NULL,
    code      TEXT    NOT NULL,
    unit      INTEGER NOT NULL,
    acts      TEXT    NOT NULL,
    from_day  TEXT    NOT NULL,
    until_day TEXT    NOT NULL,
    begun_at  INTEGER NOT NULL,
    ended_at  INTEGER,
    began     TEXT    NOT NULL,
    ended     TEXT    NOT NULL,
    planned   TEXT    NOT NULL
) STRICT;
CREATE INDEX access_history_holding ON access_history (holding);
CREATE INDEX access_history_person ON access_history (person);
CREATE INDEX access_history_seat ON access_history (unit, code);
CREATE INDEX access_history_days ON access_history (from_day, until_day);

CREATE TABLE extract_pass (
    id          INTEGER NOT NULL PRIMARY KEY,
    number      INTEGER NOT NULL,
    person      INTEGER,
    unit        INTEGER NOT NULL,
    act         TEXT    NOT NULL,
    passed_by   INTEGER NOT NULL,
    passed_at   INTEGER NOT NULL,
    why         TEXT    NOT NULL,
    digital_at  INTEGER,
    physical_at INTEGER,
    attested_by INTEGER
) STRICT;
CREATE INDEX extract_pass_number ON extract_pass (number);
CREATE INDEX extract_pass_person ON extract_pass (person);

-- +goose Down
DROP TABLE extract_pass;
DROP TABLE access_history;
