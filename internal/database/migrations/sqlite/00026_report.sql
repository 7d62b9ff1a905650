-- Counted facts (D2): numbers of members of a body on a day, and of who came and
-- went. No row is about a person, and none is below the charter's minimum; what runs
-- until a month or a year is over is sealed under a key that ends.

-- +goose Up
CREATE TABLE report_count (
    number  INTEGER NOT NULL PRIMARY KEY,
    what    INTEGER NOT NULL,
    day     TEXT NOT NULL,
    minimum INTEGER NOT NULL,
    missed  INTEGER NOT NULL,
    UNIQUE (what, day)
) STRICT;

CREATE TABLE report_fact (
    count_id INTEGER NOT NULL REFERENCES report_count (number),
    unit     INTEGER NOT NULL REFERENCES unit (id),
    cut      INTEGER NOT NULL,
    band     INTEGER NOT NULL,
    level    INTEGER NOT NULL,
    members  INTEGER NOT NULL,
    PRIMARY KEY (count_id, unit, cut, band)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_fact_unit ON report_fact (unit, cut);

CREATE TABLE report_running (
    id     INTEGER NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX report_running_at ON report_running (at);

-- +goose Down
DROP TABLE report_running;
DROP TABLE report_fact;
DROP TABLE report_count;
