-- Destruction and leaving (D6, D7, D12): lists that may live longer or are lost, when a
-- duty was told of last by its plan, and why members left, counted without them.

-- +goose Up
CREATE TABLE extract_exception (
    id         BIGINT NOT NULL PRIMARY KEY,
    number     BIGINT NOT NULL REFERENCES extract (number),
    state      TEXT    NOT NULL,
    person     BIGINT NOT NULL,
    holder     BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL,
    from_day   TEXT    NOT NULL,
    until_day  TEXT    NOT NULL,
    decided_by BIGINT,
    decided_at BIGINT
);
CREATE INDEX extract_exception_number ON extract_exception (number);
ALTER TABLE extract ADD COLUMN lost_at BIGINT;
ALTER TABLE extract_pass ADD COLUMN lost_at BIGINT;
ALTER TABLE duty ADD COLUMN told BIGINT;

CREATE TABLE departure_running (
    id     BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    sealed BYTEA   NOT NULL
);
CREATE TABLE departure_count (
    year    BIGINT NOT NULL,
    reason  TEXT    NOT NULL,
    persons BIGINT NOT NULL,
    PRIMARY KEY (year, reason)
);

-- +goose Down
DROP TABLE departure_count;
DROP TABLE departure_running;
ALTER TABLE duty DROP COLUMN told;
ALTER TABLE extract_pass DROP COLUMN lost_at;
ALTER TABLE extract DROP COLUMN lost_at;
DROP TABLE extract_exception;
