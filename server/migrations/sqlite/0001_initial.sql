-- The ledger, what is projected from it, and who may touch either.
--
-- Ids are the 16 bytes of a UUID, hashes the 32 bytes of a SHA-256, times milliseconds since 1970 by the server's clock
-- unless said otherwise. STRICT everywhere: a column holds what it says.

-- The database itself; always exactly one row.
CREATE TABLE meta (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    -- The life of this database; a restore from a backup begins a new one.
    history    BLOB NOT NULL,
    -- The last feed position given out. Events and directory entries take theirs inside the one write transaction, so
    -- positions become visible in their order and a reader that goes on after the last one it saw skips nothing.
    position   INTEGER NOT NULL,
    -- When the database was last proven writable.
    checked_at INTEGER NOT NULL
) STRICT;

-- The places that visitors come to.
CREATE TABLE sites (
    id       BLOB PRIMARY KEY,
    -- As visitors read it; the command line finds a site by it.
    name     TEXT NOT NULL UNIQUE,
    -- Feed position of the last change.
    position INTEGER NOT NULL
) STRICT;

-- The people whom one can visit.
CREATE TABLE hosts (
    id         BLOB PRIMARY KEY,
    site       BLOB NOT NULL REFERENCES sites (id),
    name       TEXT NOT NULL,
    -- What tells two hosts of one name apart: team, floor.
    department TEXT,
    -- 1 once they have left: visitors can't choose them any more, old visits still name them.
    gone       INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
    -- Feed position of the last change.
    position   INTEGER NOT NULL
) STRICT;
CREATE INDEX hosts_by_change ON hosts (site, position);
-- A snapshot walks the directory by id.
CREATE INDEX hosts_by_id ON hosts (site, id);

-- Enrolled installations.
CREATE TABLE devices (
    id         BLOB PRIMARY KEY,
    -- The site that it serves: all that it may read, and the only one whose events it may bring.
    site       BLOB NOT NULL REFERENCES sites (id),
    -- As staff call it: "Lobby 2".
    name       TEXT NOT NULL,
    -- kiosk: paired by code or command line; browser: enrolled by somebody signed in.
    kind       TEXT NOT NULL CHECK (kind IN ('kiosk', 'browser')),
    -- Hash of its bearer token; the token itself is nowhere.
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    -- When its access was withdrawn. It may still deliver: what it brings is quarantined.
    revoked_at INTEGER
) STRICT;

-- One-time codes by which a kiosk becomes a device.
CREATE TABLE pairing_codes (
    code_hash  BLOB PRIMARY KEY,
    site       BLOB NOT NULL REFERENCES sites (id),
    -- What the device will be called.
    name       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- The numberings of events, each born with a device's database.
CREATE TABLE streams (
    -- Short name for the slots, of which there are many.
    number          INTEGER PRIMARY KEY,
    id              BLOB NOT NULL UNIQUE,
    -- The device that first used it; no other one may.
    device          BLOB NOT NULL REFERENCES devices (id),
    -- The newest event that the device has told of, whether it has sent it or not, and the device's chain there.
    head_seq        INTEGER NOT NULL,
    head_chain      BLOB NOT NULL,
    -- Every seq up to this is held; the chain is the server's own.
    watermark_seq   INTEGER NOT NULL,
    watermark_chain BLOB NOT NULL,
    -- The ranges of seq held above the watermark, as JSON [[first, last], …]; what is between them is missing.
    held_above      TEXT NOT NULL,
    -- The device's last words: the batch's health, as JSON.
    health          TEXT NOT NULL,
    -- The device's clock when it sent them.
    sent_at         INTEGER NOT NULL,
    first_heard_at  INTEGER NOT NULL,
    last_heard_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX streams_by_device ON streams (device);

-- The ledger: every event once, as it was captured, in the order of commit.
CREATE TABLE events (
    -- Its place in the feed.
    position      INTEGER PRIMARY KEY,
    id            BLOB NOT NULL UNIQUE,
    -- SHA-256 of the text.
    hash          BLOB NOT NULL,
    -- The exact bytes that the device wrote; never a re-serialised copy.
    text          TEXT NOT NULL,
    -- The visit that it is about.
    visit         BLOB NOT NULL,
    -- The identity under which it was captured.
    source_site   BLOB NOT NULL,
    source_device BLOB NOT NULL,
    -- The device that brought it; another than source_device if it was paired again meanwhile.
    uploaded_by   BLOB NOT NULL REFERENCES devices (id),
    received_at   INTEGER NOT NULL
) STRICT;

-- What is kept in each place of a stream: the text that came there first.
CREATE TABLE slots (
    stream INTEGER NOT NULL REFERENCES streams (number),
    seq    INTEGER NOT NULL,
    -- SHA-256 of that text: the links of the server's chain.
    hash   BLOB NOT NULL,
    -- NULL if the text is in the ledger, else why it is in quarantine.
    reason TEXT,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

-- Texts that are kept, and not counted, for staff to look at.
CREATE TABLE quarantine (
    number      INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams (number),
    seq         INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    text        TEXT NOT NULL,
    -- The reason that the receipt gave.
    reason      TEXT NOT NULL,
    uploaded_by BLOB NOT NULL REFERENCES devices (id),
    received_at INTEGER NOT NULL,
    -- Sent again, it is not kept again.
    UNIQUE (stream, seq, hash)
) STRICT;

-- Slots in which a second, different text arrived; that text is in the ledger or in quarantine, by its hash.
CREATE TABLE conflicts (
    stream      INTEGER NOT NULL REFERENCES streams (number),
    seq         INTEGER NOT NULL,
    -- Of the text that came second.
    hash        BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (stream, seq, hash)
) STRICT, WITHOUT ROWID;

-- The projection: the visits that the ledger's events fold into.
CREATE TABLE visits (
    id            BLOB PRIMARY KEY,
    site          BLOB NOT NULL REFERENCES sites (id),
    -- The visit whole, as the protocol writes it.
    json          TEXT NOT NULL,
    -- Feed position of the last event folded in.
    position      INTEGER NOT NULL,
    -- Until when a desk needs it in view: for ever while on site, a day past the expected time, two days past the last
    -- change. What a snapshot costs is what this index holds above now.
    matters_until INTEGER NOT NULL
) STRICT;
CREATE INDEX visits_by_change ON visits (site, position);
CREATE INDEX visits_that_matter ON visits (site, matters_until, id);

-- The people who sign in.
CREATE TABLE staff (
    id            BLOB PRIMARY KEY,
    name          TEXT NOT NULL,
    -- What they sign in with; one account an address, however it is capitalised.
    email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    -- argon2id, in the PHC string format.
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('receptionist', 'marshal', 'admin')),
    created_at    INTEGER NOT NULL
) STRICT;

-- Who is signed in.
CREATE TABLE sessions (
    -- Hash of the cookie's value; the value itself is nowhere.
    token_hash BLOB PRIMARY KEY,
    staff      BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

-- The one-time link to the first account; at most one row, and none once there is an account.
CREATE TABLE setup_link (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    token_hash BLOB NOT NULL
) STRICT;
