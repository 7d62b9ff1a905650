-- Who had access when (D3), and who else holds a list after a handover (D12).
-- Ids, roles and days; an erased person is nobody in it.

-- +goose Up
CREATE TABLE access_history (
    id        BIGINT NOT NULL PRIMARY KEY,
    mark      BIGINT NOT NULL,
    holding   BIGINT,
    person    BIGINT,
    kind      TEXT    NOT NULL,
    code      TEXT    NOT NULL,
    unit      BIGINT NOT NULL,
    acts      TEXT    NOT NULL,
    from_day  TEXT    NOT NULL,
    until_day TEXT    NOT NULL,
    begun_at  BIGINT NOT NULL,
    ended_at  BIGINT,
    began     TEXT    NOT NULL,
    ended     TEXT    NOT NULL,
    planned   TEXT    NOT NULL
);
CREATE INDEX access_history_holding ON access_history (holding);
CREATE INDEX access_history_person ON access_history (person);
CREATE INDEX access_history_seat ON access_history (unit, code);
CREATE INDEX access_history_days ON access_history (from_day, until_day);

CREATE TABLE extract_pass (
    id          BIGINT NOT NULL PRIMARY KEY,
    number      BIGINT NOT NULL,
    person      BIGINT,
    unit        BIGINT NOT NULL,
    act         TEXT    NOT NULL,
    passed_by   BIGINT NOT NULL,
    passed_at   BIGINT NOT NULL,
    why         TEXT    NOT NULL,
    digital_at  BIGINT,
    physical_at BIGINT,
    attested_by BIGINT
);
CREATE INDEX extract_pass_number ON extract_pass (number);
CREATE INDEX extract_pass_person ON extract_pass (person);

-- +goose Down
DROP TABLE extract_pass;
DROP TABLE access_history;
