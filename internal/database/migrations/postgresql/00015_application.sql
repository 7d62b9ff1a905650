-- Applications to join. Ids, states and dates stand in the clear; who applies and
-- what they have said is a sealed record of the person.

-- +goose Up
CREATE TABLE application (
    id       BIGINT NOT NULL PRIMARY KEY,
    state    TEXT NOT NULL,
    person   BIGINT NOT NULL,
    unit     BIGINT NOT NULL,
    token    BYTEA NOT NULL,
    looked   BIGINT NOT NULL,
    made_at  BIGINT NOT NULL,
    due_on   TEXT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX application_token ON application (token);

-- +goose Down
DROP TABLE application;
