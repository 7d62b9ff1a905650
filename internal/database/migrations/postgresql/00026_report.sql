-- Counted facts (D2): numbers of members of a body on a day, and of who came and
-- went. No row is about a person, and none is below the charter's minimum; what runs
-- until a month or a year is over is sealed under a key that ends.

-- +goose Up
CREATE TABLE report_count (
    number  BIGINT NOT NULL PRIMARY KEY,
    what    BIGINT NOT NULL,
    day     TEXT NOT NULL,
    minimum BIGINT NOT NULL,
    missed  BIGINT NOT NULL,
    UNIQUE (what, day)
);

CREATE TABLE report_fact (
    count_id BIGINT NOT NULL REFERENCES report_count (number),
    unit     BIGINT NOT NULL REFERENCES unit (id),
    cut      BIGINT NOT NULL,
    band     BIGINT NOT NULL,
    level    BIGINT NOT NULL,
    members  BIGINT NOT NULL,
    PRIMARY KEY (count_id, unit, cut, band)
);
CREATE INDEX report_fact_unit ON report_fact (unit, cut);

CREATE TABLE report_running (
    id     BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX report_running_at ON report_running (at);

-- +goose Down
DROP TABLE report_running;
DROP TABLE report_fact;
DROP TABLE report_count;
