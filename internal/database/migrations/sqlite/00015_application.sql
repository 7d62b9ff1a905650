-- Applications to join. Ids, states and dates stand in the clear; who applies and
-- what they have said is a sealed record of the person.

-- +goose Up
CREATE TABLE application (
    id       INTEGER NOT NULL PRIMARY KEY,
    state    TEXT NOT NULL,
    person   INTEGER NOT NULL,
    unit     INTEGER NOT NULL,
    token    BLOB NOT NULL,
    looked   INTEGER NOT NULL,
    made_at  INTEGER NOT NULL,
    due_on   TEXT NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX application_token ON application (token);

-- +goose Down
DROP TABLE application;
