-- What a certificate of an erasure is finished from: only whoever holds its number
-- and salt opens what is sealed. And who outside holds members' data, and what they
-- were told by pointer.

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

CREATE TABLE extract_order (
    number  BIGINT NOT NULL PRIMARY KEY,
    key_id  BIGINT NOT NULL,
    sealed  BYTEA NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE TABLE holder (
    id       BIGINT NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL,
    country  TEXT NOT NULL,
    role     TEXT NOT NULL,
    tells    TEXT NOT NULL,
    purposes TEXT NOT NULL,
    fields   TEXT NOT NULL,
    bodies   TEXT NOT NULL,
    person   BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE TABLE holder_list (
    holder    BIGINT NOT NULL,
    list      BIGINT NOT NULL,
    handed_at BIGINT NOT NULL,
    handed_by BIGINT NOT NULL,
    gone_at   BIGINT,
    PRIMARY KEY (holder, list)
);
CREATE INDEX holder_list_list ON holder_list (list);

CREATE TABLE notice_change (
    id      BIGINT NOT NULL PRIMARY KEY,
    person  BIGINT NOT NULL,
    why     TEXT NOT NULL,
    fields  TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE notice_line (
    id      BIGINT NOT NULL PRIMARY KEY,
    holder  BIGINT NOT NULL,
    list    BIGINT NOT NULL,
    line    BIGINT NOT NULL,
    person  BIGINT NOT NULL,
    why     TEXT NOT NULL,
    fields  TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    notice  BIGINT
);
CREATE INDEX notice_line_person ON notice_line (person);
CREATE INDEX notice_line_list ON notice_line (list);
CREATE INDEX notice_line_notice ON notice_line (notice, holder);

CREATE TABLE notice (
    id          BIGINT NOT NULL PRIMARY KEY,
    holder      BIGINT NOT NULL,
    state       TEXT NOT NULL,
    told_at     BIGINT NOT NULL,
    reminded_at BIGINT,
    done_at     BIGINT,
    said_by     BIGINT
);
CREATE INDEX notice_holder ON notice (holder);

-- +goose Down
DROP TABLE notice;
DROP TABLE notice_line;
DROP TABLE notice_change;
DROP TABLE holder_list;
DROP TABLE holder;
DROP TABLE extract_order;
DROP TABLE certificate;
