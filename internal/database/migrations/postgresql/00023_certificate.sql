-- What a certificate of an erasure is finished from. Only whoever holds its
-- number and salt opens what is sealed.

-- +goose Up
CREATE TABLE certificate (
    person      BIGINT NOT NULL PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    sealed      BYTEA NOT NULL,
    made_at     BIGINT NOT NULL,
    complete_at BIGINT,
    ends_at     BIGINT NOT NULL
);
CREATE INDEX certificate_ends ON certificate (ends_at);

-- +goose Down
DROP TABLE certificate;
