-- Agreements on the members' data (N2, N12, L10), and the seal on papers.

-- +goose Up
CREATE TABLE seal_certificate (
    number      INTEGER NOT NULL PRIMARY KEY,
    certificate BLOB NOT NULL
) STRICT;

-- +goose Down
DROP TABLE seal_certificate;
