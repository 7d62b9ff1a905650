-- The yearly audit (N13) and what bodies tell of changes. Whom a roll names lies sealed
-- under a key that ends with the audit; what is said of a member is a sealed record of
-- theirs. What is clear here is counts, days and case numbers.

-- +goose Up
CREATE TABLE audit (
    id        BIGINT NOT NULL PRIMARY KEY,
    day       TEXT NOT NULL UNIQUE,
    opened_at BIGINT NOT NULL,
    opened_by BIGINT NOT NULL,
    answer_by TEXT NOT NULL,
    previous  BIGINT NOT NULL,
    key_id    BIGINT NOT NULL,
    closed_at BIGINT
);

CREATE TABLE audit_part (
    audit    BIGINT NOT NULL REFERENCES audit (id),
    unit     BIGINT NOT NULL,
    standing TEXT NOT NULL,
    waiting  BIGINT NOT NULL,
    here     BIGINT NOT NULL,
    departed BIGINT NOT NULL,
    wrong    BIGINT NOT NULL,
    gone     BIGINT NOT NULL,
    silent   BIGINT NOT NULL,
    said_at  BIGINT,
    said_by  BIGINT NOT NULL,
    said_as  TEXT NOT NULL,
    done_at  BIGINT,
    done_by  BIGINT NOT NULL,
    done_as  TEXT NOT NULL,
    sealed   BYTEA NOT NULL,
    contents BYTEA NOT NULL,
    PRIMARY KEY (audit, unit)
);

CREATE TABLE audit_head (
    audit   BIGINT NOT NULL REFERENCES audit (id),
    unit    BIGINT NOT NULL,
    cut_off TEXT NOT NULL,
    verdict TEXT NOT NULL,
    change  BIGINT NOT NULL,
    PRIMARY KEY (audit, unit, cut_off)
);

CREATE TABLE audit_check (
    audit  BIGINT NOT NULL REFERENCES audit (id),
    unit   BIGINT NOT NULL,
    code   TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (audit, unit, code)
);

CREATE TABLE audit_change (
    id         BIGINT NOT NULL PRIMARY KEY,
    audit      BIGINT NOT NULL,
    unit       BIGINT NOT NULL,
    what       TEXT NOT NULL,
    day        TEXT NOT NULL,
    opened_at  BIGINT NOT NULL,
    opened_by  BIGINT NOT NULL,
    due_on     TEXT NOT NULL,
    settled_at BIGINT,
    settled_by BIGINT NOT NULL,
    outcome    TEXT NOT NULL
);
CREATE INDEX audit_change_unit ON audit_change (unit, id);
CREATE INDEX audit_change_audit ON audit_change (audit, unit);

-- +goose Down
DROP TABLE audit_change;
DROP TABLE audit_check;
DROP TABLE audit_head;
DROP TABLE audit_part;
DROP TABLE audit;
