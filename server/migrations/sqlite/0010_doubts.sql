-- What staff must decide on, and what they decided.

-- The texts that don't count, or whose number was taken: of each device, each text once. Rows are never deleted.
CREATE TABLE doubts (
    -- By which staff name it.
    number      INTEGER PRIMARY KEY,
    device      BLOB NOT NULL REFERENCES devices (id),
    hash        BLOB NOT NULL,
    -- Where it came first.
    stream      INTEGER NOT NULL REFERENCES streams (number),
    seq         INTEGER NOT NULL,
    -- Why it is in quarantine; NULL if it counts, and only its number is in doubt.
    reason      TEXT,
    received_at INTEGER NOT NULL,
    -- The id of the event of the ledger by which it counts, or that was recorded in its place.
    event       BLOB,
    -- NULL while nobody has decided.
    decision    TEXT CHECK (decision IN ('accepted', 'dismissed', 'replaced')),
    decided_at  INTEGER,
    -- A member of the staff.
    decided_by  BLOB,
    note        TEXT,
    UNIQUE (device, hash)
) STRICT;
CREATE INDEX doubts_open ON doubts (number) WHERE decision IS NULL;

INSERT INTO doubts (device, hash, stream, seq, reason, received_at)
    SELECT device, hash, stream, seq, reason, received_at
    FROM quarantine JOIN streams ON streams.number = quarantine.stream WHERE true ORDER BY quarantine.number
    ON CONFLICT DO NOTHING;
-- For this one walk only: nothing else looks events up by their hash.
CREATE INDEX events_by_hash ON events (hash);
INSERT INTO doubts (device, hash, stream, seq, received_at, event)
    SELECT device, hash, stream, seq, received_at,
        (SELECT events.id FROM events WHERE events.hash = conflicts.hash ORDER BY position LIMIT 1)
    FROM conflicts JOIN streams ON streams.number = conflicts.stream WHERE true ORDER BY received_at, seq
    ON CONFLICT DO NOTHING;
DROP INDEX events_by_hash;

-- Who took note of a gap, and what they said of it.
ALTER TABLE told_heads ADD COLUMN settled_by BLOB;
ALTER TABLE told_heads ADD COLUMN note TEXT;
