-- What backups hold of each stream, so that its device learns what it may forget.

-- When the newest verified backup was made; NULL while there has been none.
ALTER TABLE meta ADD COLUMN backed_up_at INTEGER;

-- A verified backup holds every seq of the stream up to this.
ALTER TABLE streams ADD COLUMN backed_up_seq INTEGER NOT NULL DEFAULT 0;
-- Every seq up to this was acknowledged so long ago that it counts as settled where no backup is made.
ALTER TABLE streams ADD COLUMN settled_seq INTEGER NOT NULL DEFAULT 0;
-- Where the watermark stood at mark_at; becomes settled_seq when that is old enough.
ALTER TABLE streams ADD COLUMN mark_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN mark_at INTEGER NOT NULL DEFAULT 0;
