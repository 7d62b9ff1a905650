-- What a certificate of an erasure is finished from: only whoever holds its number
-- and salt opens what is sealed. And who outside holds members' data, and what they
-- were told by pointer.

-- +goose Up
CREATE TABLE certificate (
    person      INTEGER NOT NULL PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    sealed      BLOB NOT NULL,
    made_at     INTEGER NOT NULL,
    complete_at INTEGER,
    ends_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX certificate_ends ON certificate (ends_at);

CREATE TABLE extract_order (
    number  INTEGER NOT NULL PRIMARY KEY,
    key_id  INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE holder (
    id       INTEGER NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL,
    country  TEXT NOT NULL,
    role     TEXT NOT NULL,
    tells    TEXT NOT NULL,
    purposes TEXT NOT NULL,
    fields   TEXT NOT NULL,
    bodies   TEXT NOT NULL,
    person   INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE TABLE holder_list (
    holder    INTEGER NOT NULL,
    list      INTEGER NOT NULL,
    handed_at INTEGER NOT NULL,
    handed_by INTEGER NOT NULL,
    gone_at   INTEGER,
    PRIMARY KEY (holder, list)
) STRICT;
CREATE INDEX holder_list_list ON holder_list (list);

CREATE TABLE notice_change (
    id      INTEGER NOT NULL PRIMARY KEY,
    person  INTEGER NOT NULL,
    why     TEXT NOT NULL,
    fields  TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE notice_line (
    id      INTEGER NOT NULL PRIMARY KEY,
    holder  INTEGER NOT NULL,
    list    INTEGER NOT NULL,
    line    INTEGER NOT NULL,
    person  INTEGER NOT NULL,
    why     TEXT NOT NULL,
    fields  TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    notice  INTEGER
) STRICT;
CREATE INDEX notice_line_person ON notice_line (person);
CREATE INDEX notice_line_list ON notice_line (list);
CREATE INDEX notice_line_notice ON notice_line (notice, holder);

CREATE TABLE notice (
    id          INTEGER NOT NULL PRIMARY KEY,
    holder      INTEGER NOT NULL,
    state       TEXT NOT NULL,
    told_at     INTEGER NOT NULL,
    reminded_at INTEGER,
    done_at     INTEGER,
    said_by     INTEGER
) STRICT;
CREATE INDEX notice_holder ON notice (holder);

-- +goose Down
DROP TABLE notice;
DROP TABLE notice_line;
DROP TABLE notice_change;
DROP TABLE holder_list;
DROP TABLE holder;
DROP TABLE extract_order;
DROP TABLE certificate;
