-- Agreements on the members' data (N2, N12, L10), and the seal on papers.

-- +goose Up
CREATE TABLE seal_certificate (
    number      BIGINT NOT NULL PRIMARY KEY,
    certificate BYTEA NOT NULL
);

-- +goose Down
DROP TABLE seal_certificate;
