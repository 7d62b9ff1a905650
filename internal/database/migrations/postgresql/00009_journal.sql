-- The end of an entry's retention stands in the row the Merkle tree covers and
-- that is never deleted: a body missing before its end cannot pass for pruned.
-- Persons are found by entry too (who was on the list, what is to be pruned).
-- What is due is looked for once a night, so that an act need not keep two
-- indexes for it.

-- +goose Up
ALTER TABLE journal_entry ADD COLUMN keep_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX journal_person_entry ON journal_person (entry);
DROP INDEX journal_person_keep;
DROP INDEX journal_body_keep;

-- A person's chunk is read from the index alone, as on SQLite, where the table
-- is its key; the rows themselves lie all over the heap (50 ms against 3).
ALTER TABLE journal_person DROP CONSTRAINT journal_person_pkey;
ALTER TABLE journal_person ADD PRIMARY KEY (chunk, entry) INCLUDE (act, bits);
