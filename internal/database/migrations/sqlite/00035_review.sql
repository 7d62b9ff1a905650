-- Reviews of access (D14). Of a line role, body and state are clear; whose it is, the
-- evidence and the answer are sealed records of the holder.

-- +goose Up
CREATE TABLE review (
    id         INTEGER NOT NULL PRIMARY KEY,
    scheduled  TEXT,
    opened_at  INTEGER NOT NULL,
    opened_by  INTEGER NOT NULL,
    since      TEXT NOT NULL,
    answer_by  TEXT NOT NULL,
    suspend_on TEXT NOT NULL,
    ends_on    TEXT NOT NULL,
    warned_on  TEXT NOT NULL,
    closed_at  INTEGER,
    closed_by  INTEGER NOT NULL,
    hash       BLOB,
    UNIQUE (scheduled)
) STRICT;

CREATE TABLE review_line (
    id     INTEGER NOT NULL PRIMARY KEY,
    review INTEGER NOT NULL REFERENCES review (id),
    unit   INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    code   TEXT NOT NULL,
    state  TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX review_line_review ON review_line (review, unit);

CREATE TABLE review_number (
    review  INTEGER NOT NULL REFERENCES review (id),
    unit    INTEGER NOT NULL,
    what    TEXT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (review, unit, what)
) STRICT;

-- +goose Down
DROP TABLE review_number;
DROP TABLE review_line;
DROP TABLE review;
