-- The yearly audit (N13) and what bodies tell of changes. Whom a roll names lies sealed
-- under a key that ends with the audit; what is said of a member is a sealed record of
-- theirs. What is clear here is counts, days and case numbers.

-- +goose Up
CREATE TABLE audit (
    id        INTEGER NOT NULL PRIMARY KEY,
    day       TEXT NOT NULL UNIQUE,
    opened_at INTEGER NOT NULL,
    opened_by INTEGER NOT NULL,
    answer_by TEXT NOT NULL,
    previous  INTEGER NOT NULL,
    key_id    INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;

CREATE TABLE audit_part (
    audit    INTEGER NOT NULL REFERENCES audit (id),
    unit     INTEGER NOT NULL,
    standing TEXT NOT NULL,
    waiting  INTEGER NOT NULL,
    here     INTEGER NOT NULL,
    departed INTEGER NOT NULL,
    wrong    INTEGER NOT NULL,
    gone     INTEGER NOT NULL,
    silent   INTEGER NOT NULL,
    said_at  INTEGER,
    said_by  INTEGER NOT NULL,
    said_as  TEXT NOT NULL,
    done_at  INTEGER,
    done_by  INTEGER NOT NULL,
    done_as  TEXT NOT NULL,
    sealed   BLOB NOT NULL,
    contents BLOB NOT NULL,
    PRIMARY KEY (audit, unit)
) STRICT;

CREATE TABLE audit_head (
    audit   INTEGER NOT NULL REFERENCES audit (id),
    unit    INTEGER NOT NULL,
    cut_off TEXT NOT NULL,
    verdict TEXT NOT NULL,
    change  INTEGER NOT NULL,
    PRIMARY KEY (audit, unit, cut_off)
) STRICT;

CREATE TABLE audit_check (
    audit  INTEGER NOT NULL REFERENCES audit (id),
    unit   INTEGER NOT NULL,
    code   TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (audit, unit, code)
) STRICT;

CREATE TABLE audit_change (
    id         INTEGER NOT NULL PRIMARY KEY,
    audit      INTEGER NOT NULL,
    unit       INTEGER NOT NULL,
    what       TEXT NOT NULL,
    day        TEXT NOT NULL,
    opened_at  INTEGER NOT NULL,
    opened_by  INTEGER NOT NULL,
    due_on     TEXT NOT NULL,
    settled_at INTEGER,
    settled_by INTEGER NOT NULL,
    outcome    TEXT NOT NULL
) STRICT;
CREATE INDEX audit_change_unit ON audit_change (unit, id);
CREATE INDEX audit_change_audit ON audit_change (audit, unit);

-- +goose Down
DROP TABLE audit_change;
DROP TABLE audit_check;
DROP TABLE audit_head;
DROP TABLE audit_part;
DROP TABLE audit;
