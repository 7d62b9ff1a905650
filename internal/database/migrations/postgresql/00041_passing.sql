-- Passing on (N12): how it stands with each declared recipient, runs, their batches, and
-- the references a recipient is told to delete. What somebody was passed on with is a
-- sealed record of theirs.

-- +goose Up
CREATE TABLE passing_recipient (
    id         BIGINT NOT NULL PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL,
    by_person  BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    ran_at     BIGINT
);

CREATE TABLE passing_run (
    id         BIGINT NOT NULL PRIMARY KEY,
    recipient  BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    by_person  BIGINT NOT NULL,
    made_at    BIGINT NOT NULL,
    second     BIGINT NOT NULL,
    joins      BIGINT NOT NULL,
    changes    BIGINT NOT NULL,
    leaves     BIGINT NOT NULL,
    restricts  BIGINT NOT NULL,
    withholds  BIGINT NOT NULL,
    unchanged  BIGINT NOT NULL,
    on_way     BIGINT NOT NULL,
    no_consent BIGINT NOT NULL,
    objecting  BIGINT NOT NULL,
    stopped    BIGINT NOT NULL,
    left_out   BIGINT NOT NULL,
    covered    BIGINT NOT NULL,
    numbers    BIGINT NOT NULL
);

CREATE TABLE passing_batch (
    id        BIGINT NOT NULL PRIMARY KEY,
    recipient BIGINT NOT NULL,
    run       BIGINT NOT NULL,
    removal   BIGINT NOT NULL,
    numbers   BIGINT NOT NULL,
    way       TEXT NOT NULL,
    state     TEXT NOT NULL,
    lines     BIGINT NOT NULL,
    tries     BIGINT NOT NULL,
    next_at   BIGINT,
    made_at   BIGINT NOT NULL,
    sent_at   BIGINT,
    done_at   BIGINT,
    done_by   BIGINT NOT NULL,
    receipt   TEXT NOT NULL,
    list      BIGINT NOT NULL,
    problem   TEXT NOT NULL,
    persons   BYTEA NOT NULL
);
CREATE INDEX passing_batch_state ON passing_batch (state, recipient, id);

CREATE TABLE passing_line (
    id        BIGINT NOT NULL PRIMARY KEY,
    recipient BIGINT NOT NULL,
    batch     BIGINT NOT NULL,
    reference TEXT NOT NULL,
    event     TEXT NOT NULL,
    why       TEXT NOT NULL,
    fields    TEXT NOT NULL,
    person    BIGINT NOT NULL,
    made_at   BIGINT NOT NULL,
    done_at   BIGINT
);
CREATE INDEX passing_line_batch ON passing_line (batch, recipient, id);
CREATE INDEX passing_line_person ON passing_line (person);

-- +goose Down
DROP TABLE passing_line;
DROP TABLE passing_batch;
DROP TABLE passing_run;
DROP TABLE passing_recipient;
