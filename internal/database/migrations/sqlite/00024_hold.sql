-- Under which country's law a body keeps its accounts, and with which month its
-- accounting year ends; empty and 0 are the charter's own (L7).

-- +goose Up
ALTER TABLE unit ADD COLUMN seat TEXT NOT NULL DEFAULT '';
ALTER TABLE unit ADD COLUMN year_ends INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE unit DROP COLUMN year_ends;
ALTER TABLE unit DROP COLUMN seat;
