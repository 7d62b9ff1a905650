-- General meetings: a case of a body. Who came and who stood are sealed records of
-- those persons; here stand days, numbers and what the notice tells every member.

-- +goose Up
CREATE TABLE meeting (
    number     INTEGER NOT NULL PRIMARY KEY,
    unit       INTEGER NOT NULL REFERENCES unit (id),
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    day        TEXT NOT NULL,
    clock      TEXT NOT NULL,
    place      TEXT NOT NULL,
    agenda     TEXT NOT NULL,
    notice_by  TEXT NOT NULL,
    noticed_on TEXT,
    mailing    INTEGER NOT NULL,
    minutes    TEXT NOT NULL,
    entitled   INTEGER NOT NULL,
    present    INTEGER NOT NULL,
    voting     INTEGER NOT NULL,
    ballots    INTEGER NOT NULL,
    unlisted   INTEGER NOT NULL,
    board_on   TEXT,
    planned_at INTEGER NOT NULL,
    held_at    INTEGER,
    ended_at   INTEGER
) STRICT;
CREATE INDEX meeting_unit ON meeting (unit, day);

CREATE TABLE meeting_poll (
    meeting    INTEGER NOT NULL REFERENCES meeting (number),
    line       INTEGER NOT NULL,
    post       TEXT NOT NULL,
    seats      INTEGER NOT NULL,
    about      TEXT NOT NULL,
    state      TEXT NOT NULL,
    handed     INTEGER NOT NULL,
    cast_votes INTEGER NOT NULL,
    blank      INTEGER NOT NULL,
    invalid    INTEGER NOT NULL,
    ayes       INTEGER NOT NULL,
    noes       INTEGER NOT NULL,
    again_of   INTEGER NOT NULL,
    counted_at INTEGER,
    PRIMARY KEY (meeting, line)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE meeting_poll;
DROP TABLE meeting;
