-- Reminders of an agreement are counted (N2); what a body says against a processor is
-- a sealed record under the key of its agreement (Art. 28(2)).

-- +goose Up
ALTER TABLE agreement ADD COLUMN reminders BIGINT NOT NULL DEFAULT 0;
ALTER TABLE agreement ADD COLUMN reminded_at BIGINT;
ALTER TABLE processor_objection ADD COLUMN holder BIGINT NOT NULL DEFAULT 0;
ALTER TABLE processor_objection DROP COLUMN reason;
ALTER TABLE processor_objection DROP COLUMN answer;

-- +goose Down
ALTER TABLE processor_objection ADD COLUMN answer TEXT NOT NULL DEFAULT '';
ALTER TABLE processor_objection ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE processor_objection DROP COLUMN holder;
ALTER TABLE agreement DROP COLUMN reminded_at;
ALTER TABLE agreement DROP COLUMN reminders;
