-- Whether a body keeps accounts by law is a setting of each legal body (L7).

-- +goose Up
ALTER TABLE unit ADD COLUMN accounts INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE unit DROP COLUMN accounts;
