-- Reviews of access (D14). Of a line role, body and state are clear; whose it is, the
-- evidence and the answer are sealed records of the holder.

-- +goose Up
CREATE TABLE review (
    id         BIGINT NOT NULL PRIMARY KEY,
    scheduled  TEXT,
    opened_at  BIGINT NOT NULL,
    opened_by  BIGINT NOT NULL,
    since      TEXT NOT NULL,
    answer_by  TEXT NOT NULL,
    suspend_on TEXT NOT NULL,
    ends_on    TEXT NOT NULL,
    warned_on  TEXT NOT NULL,
    closed_at  BIGINT,
    closed_by  BIGINT NOT NULL,
    hash       BYTEA,
    UNIQUE (scheduled)
);

CREATE TABLE review_line (
    id     BIGINT NOT NULL PRIMARY KEY,
    review BIGINT NOT NULL REFERENCES review (id),
    unit   BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    code   TEXT NOT NULL,
    state  TEXT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX review_line_review ON review_line (review, unit);

CREATE TABLE review_number (
    review  BIGINT NOT NULL REFERENCES review (id),
    unit    BIGINT NOT NULL,
    what    TEXT NOT NULL,
    counted BIGINT NOT NULL,
    PRIMARY KEY (review, unit, what)
);

-- +goose Down
DROP TABLE review_number;
DROP TABLE review_line;
DROP TABLE review;
