-- What happened in each body for a while (news), and rounds of calls (round).
-- Who it is about is sealed, under keys that end.

-- +goose Up
CREATE TABLE news (
    id      BIGINT PRIMARY KEY,
    unit    BIGINT NOT NULL,
    kind    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    persons BIGINT NOT NULL,
    key_id  BIGINT NOT NULL,
    sealed  BYTEA NOT NULL
);
CREATE INDEX news_at ON news (at);

CREATE TABLE round (
    number   BIGINT PRIMARY KEY,
    unit     BIGINT NOT NULL,
    purpose  TEXT NOT NULL,
    begun_by BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    ends_on  TEXT NOT NULL,
    members  BIGINT NOT NULL,
    waiting  BIGINT NOT NULL,
    ended_at BIGINT,
    key_id   BIGINT NOT NULL,
    sealed   BYTEA NOT NULL
);
CREATE INDEX round_open ON round (ended_at, unit);

-- +goose Down
DROP TABLE round;
DROP TABLE news;
