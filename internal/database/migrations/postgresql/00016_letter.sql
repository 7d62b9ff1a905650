-- What became of a list's file: how many lines it got, who got none and why,
-- in numbers. And the print queue: letters to whoever has no e-mail.

-- +goose Up
ALTER TABLE extract ADD COLUMN per TEXT NOT NULL DEFAULT '';
ALTER TABLE extract ADD COLUMN sheet TEXT NOT NULL DEFAULT '';
ALTER TABLE extract ADD COLUMN written BIGINT;
ALTER TABLE extract ADD COLUMN cramped TEXT NOT NULL DEFAULT '';
ALTER TABLE extract ADD COLUMN missing BIGINT NOT NULL DEFAULT 0;
ALTER TABLE extract ADD COLUMN covered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE extract ADD COLUMN returned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE extract ADD COLUMN nowhere BIGINT NOT NULL DEFAULT 0;

CREATE TABLE letter (
    id         BIGINT NOT NULL PRIMARY KEY,
    person     BIGINT NOT NULL,
    key_id     BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    holds      BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_on     TEXT NOT NULL,
    printed_at BIGINT,
    printed_by BIGINT,
    state      TEXT NOT NULL,
    state_at   BIGINT NOT NULL,
    state_by   BIGINT,
    ends_at    BIGINT NOT NULL
);
CREATE INDEX letter_person ON letter (person);
CREATE INDEX letter_state ON letter (state, created_at);
CREATE INDEX letter_ends ON letter (ends_at);

-- +goose Down
DROP TABLE letter;
ALTER TABLE extract DROP COLUMN nowhere;
ALTER TABLE extract DROP COLUMN returned;
ALTER TABLE extract DROP COLUMN covered;
ALTER TABLE extract DROP COLUMN missing;
ALTER TABLE extract DROP COLUMN cramped;
ALTER TABLE extract DROP COLUMN written;
ALTER TABLE extract DROP COLUMN sheet;
ALTER TABLE extract DROP COLUMN per;
