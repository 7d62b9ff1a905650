-- Moves between bodies and additions that wait. Ids, states and dates stand in
-- the clear; what a case is about is a sealed record of the person.

-- +goose Up
CREATE TABLE transfer (
    id       INTEGER NOT NULL PRIMARY KEY,
    kind     TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    person   INTEGER NOT NULL,
    unit     INTEGER NOT NULL,
    made_at  INTEGER NOT NULL,
    due_on   TEXT    NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX transfer_state ON transfer (state, due_on);
CREATE INDEX transfer_person ON transfer (person);

-- +goose Down
DROP TABLE transfer;
