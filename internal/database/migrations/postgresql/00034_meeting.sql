-- General meetings: a case of a body. Who came and who stood are sealed records of
-- those persons; here stand days, numbers and what the notice tells every member.

-- +goose Up
CREATE TABLE meeting (
    number     BIGINT NOT NULL PRIMARY KEY,
    unit       BIGINT NOT NULL REFERENCES unit (id),
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    day        TEXT NOT NULL,
    clock      TEXT NOT NULL,
    place      TEXT NOT NULL,
    agenda     TEXT NOT NULL,
    notice_by  TEXT NOT NULL,
    noticed_on TEXT,
    mailing    BIGINT NOT NULL,
    minutes    TEXT NOT NULL,
    entitled   BIGINT NOT NULL,
    present    BIGINT NOT NULL,
    voting     BIGINT NOT NULL,
    ballots    BIGINT NOT NULL,
    unlisted   BIGINT NOT NULL,
    board_on   TEXT,
    planned_at BIGINT NOT NULL,
    held_at    BIGINT,
    ended_at   BIGINT
);
CREATE INDEX meeting_unit ON meeting (unit, day);

CREATE TABLE meeting_poll (
    meeting    BIGINT NOT NULL REFERENCES meeting (number),
    line       BIGINT NOT NULL,
    post       TEXT NOT NULL,
    seats      BIGINT NOT NULL,
    about      TEXT NOT NULL,
    state      TEXT NOT NULL,
    handed     BIGINT NOT NULL,
    cast_votes BIGINT NOT NULL,
    blank      BIGINT NOT NULL,
    invalid    BIGINT NOT NULL,
    ayes       BIGINT NOT NULL,
    noes       BIGINT NOT NULL,
    again_of   BIGINT NOT NULL,
    counted_at BIGINT,
    PRIMARY KEY (meeting, line)
);

-- +goose Down
DROP TABLE meeting_poll;
DROP TABLE meeting;
