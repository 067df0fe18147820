-- Heads that devices told of and that the server does not hold as they were told: the evidence of a gap.

CREATE TABLE told_heads (
    -- By which staff name it.
    number     INTEGER PRIMARY KEY,
    stream     INTEGER NOT NULL REFERENCES streams (number),
    -- The newest event that the device had then, and its chain there.
    seq        INTEGER NOT NULL,
    chain      BLOB NOT NULL,
    -- Every seq up to this was held then: what is missing lies above.
    held_up_to INTEGER NOT NULL,
    told_at    INTEGER NOT NULL,
    -- When every slot up to seq turned out to hold something else than was told of; NULL while it may still come.
    broken_at  INTEGER,
    -- When staff took note of it; it is no alarm any more.
    settled_at INTEGER,
    UNIQUE (stream, seq, chain)
) STRICT;

-- What is on its way when this is run was told before there was a table for it.
INSERT INTO told_heads (stream, seq, chain, held_up_to, told_at)
    SELECT number, head_seq, head_chain, watermark_seq, last_heard_at FROM streams WHERE head_seq > watermark_seq;
