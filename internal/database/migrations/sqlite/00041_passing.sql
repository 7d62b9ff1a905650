-- Passing on (N12): how it stands with each declared recipient, runs, their batches, and
-- the references a recipient is told to delete. What somebody was passed on with is a
-- sealed record of theirs.

-- +goose Up
CREATE TABLE passing_recipient (
    id         INTEGER NOT NULL PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    state      TEXT NOT NULL,
    by_person  INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    ran_at     INTEGER
) STRICT;

CREATE TABLE passing_run (
    id         INTEGER NOT NULL PRIMARY KEY,
    recipient  INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    by_person  INTEGER NOT NULL,
    made_at    INTEGER NOT NULL,
    second     INTEGER NOT NULL,
    joins      INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    leaves     INTEGER NOT NULL,
    restricts  INTEGER NOT NULL,
    withholds  INTEGER NOT NULL,
    unchanged  INTEGER NOT NULL,
    on_way     INTEGER NOT NULL,
    no_consent INTEGER NOT NULL,
    objecting  INTEGER NOT NULL,
    stopped    INTEGER NOT NULL,
    left_out   INTEGER NOT NULL,
    covered    INTEGER NOT NULL,
    numbers    INTEGER NOT NULL
) STRICT;

CREATE TABLE passing_batch (
    id        INTEGER NOT NULL PRIMARY KEY,
    recipient INTEGER NOT NULL,
    run       INTEGER NOT NULL,
    removal   INTEGER NOT NULL,
    numbers   INTEGER NOT NULL,
    way       TEXT NOT NULL,
    state     TEXT NOT NULL,
    lines     INTEGER NOT NULL,
    tries     INTEGER NOT NULL,
    next_at   INTEGER,
    made_at   INTEGER NOT NULL,
    sent_at   INTEGER,
    done_at   INTEGER,
    done_by   INTEGER NOT NULL,
    receipt   TEXT NOT NULL,
    list      INTEGER NOT NULL,
    problem   TEXT NOT NULL,
    persons   BLOB NOT NULL
) STRICT;
CREATE INDEX passing_batch_state ON passing_batch (state, recipient, id);

CREATE TABLE passing_line (
    id        INTEGER NOT NULL PRIMARY KEY,
    recipient INTEGER NOT NULL,
    batch     INTEGER NOT NULL,
    reference TEXT NOT NULL,
    event     TEXT NOT NULL,
    why       TEXT NOT NULL,
    fields    TEXT NOT NULL,
    person    INTEGER NOT NULL,
    made_at   INTEGER NOT NULL,
    done_at   INTEGER
) STRICT;
CREATE INDEX passing_line_batch ON passing_line (batch, recipient, id);
CREATE INDEX passing_line_person ON passing_line (person);

-- +goose Down
DROP TABLE passing_line;
DROP TABLE passing_batch;
DROP TABLE passing_run;
DROP TABLE passing_recipient;
