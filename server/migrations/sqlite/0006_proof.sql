-- What a delivery statement needs to know: when each text was captured and received, and how far a stream is proven.

-- When the text in the slot was captured, by the device's clock as corrected and never after it was received; of a text
-- that can't be read, when it was received.
ALTER TABLE slots ADD COLUMN captured_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slots ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;

-- The last place at which the device's chain was ours, and when it said so.
ALTER TABLE streams ADD COLUMN proven_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN proven_chain BLOB;
ALTER TABLE streams ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;

UPDATE streams SET proven_seq = head_seq, proven_chain = head_chain, proven_at = last_heard_at
WHERE head_seq = watermark_seq AND head_chain = watermark_chain AND head_seq > 0;

-- For this one walk only: nothing else looks events up by their hash.
CREATE INDEX events_by_hash ON events (hash);
UPDATE slots SET
    -- Within the years that a Timestamp holds, whatever the device's clock said.
    captured_at = min(events.received_at, max(-62167219200000, CAST(
        round(unixepoch(json_extract(events.text, '$.time'), 'subsec') * 1000)
        + coalesce(json_extract(events.text, '$.clockoffset'), 0) AS INTEGER))),
    received_at = events.received_at
FROM events WHERE events.hash = slots.hash AND slots.reason IS NULL;
DROP INDEX events_by_hash;
UPDATE slots SET captured_at = quarantine.received_at, received_at = quarantine.received_at
FROM quarantine
WHERE quarantine.stream = slots.stream AND quarantine.seq = slots.seq AND quarantine.hash = slots.hash;
-- A text that came again under another number is received as long as its stream has been heard.
UPDATE slots SET
    received_at = (SELECT first_heard_at FROM streams WHERE number = stream),
    captured_at = (SELECT first_heard_at FROM streams WHERE number = stream)
WHERE received_at = 0;
