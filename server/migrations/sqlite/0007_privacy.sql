-- Visitors who are forgotten: their names go, what happened and its hashes stay.

-- When the text was replaced by one without the person. Its hash is still that of the text which came.
ALTER TABLE events ADD COLUMN erased_at INTEGER;
-- When the text was emptied.
ALTER TABLE quarantine ADD COLUMN erased_at INTEGER;
-- When the visitor was forgotten; what arrives of the visit later is forgotten then.
ALTER TABLE visits ADD COLUMN erased_at INTEGER;

-- After how many days visitors are forgotten; NULL: never.
ALTER TABLE sites ADD COLUMN retention_days INTEGER;

-- Whoever has that e-mail address and came before that time is to be forgotten when more of them arrives.
CREATE TABLE erased_people (
    -- SHA-256 of the key below and the address in lower case.
    email_hash BLOB PRIMARY KEY,
    erased_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE erasure_key (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    key  BLOB NOT NULL
) STRICT;
