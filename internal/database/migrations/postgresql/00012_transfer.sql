-- Moves between bodies and additions that wait. Ids, states and dates stand in
-- the clear; what a case is about is a sealed record of the person.

-- +goose Up
CREATE TABLE transfer (
    id       BIGINT  NOT NULL PRIMARY KEY,
    kind     TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    person   BIGINT  NOT NULL,
    unit     BIGINT  NOT NULL,
    made_at  BIGINT  NOT NULL,
    due_on   TEXT    NOT NULL,
    ended_at BIGINT
);
CREATE INDEX transfer_state ON transfer (state, due_on);
CREATE INDEX transfer_person ON transfer (person);

-- +goose Down
DROP TABLE transfer;
