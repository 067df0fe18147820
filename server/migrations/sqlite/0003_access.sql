-- Who may act, for which sites, and a trail of who did.

-- Tokens that were replaced. Until holds_until they count as the device's own, because the answer that brought the new
-- one may have been lost; after that, what they bring is quarantined.
CREATE TABLE retired_tokens (
    token_hash  BLOB PRIMARY KEY,
    device      BLOB NOT NULL REFERENCES devices (id),
    holds_until INTEGER NOT NULL
) STRICT;

-- The site that the device served before, and when it was moved: what it captured until then counts there.
ALTER TABLE devices ADD COLUMN former_site BLOB REFERENCES sites (id);
ALTER TABLE devices ADD COLUMN moved_at INTEGER;

-- The device that is paired again, if the code is not for a new one.
ALTER TABLE pairing_codes ADD COLUMN device BLOB REFERENCES devices (id);

-- 0: only the sites in staff_sites.
ALTER TABLE staff ADD COLUMN every_site INTEGER NOT NULL DEFAULT 1 CHECK (every_site IN (0, 1));
-- When the account was closed.
ALTER TABLE staff ADD COLUMN closed_at INTEGER;
CREATE TABLE staff_sites (
    staff BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    site  BLOB NOT NULL REFERENCES sites (id),
    PRIMARY KEY (staff, site)
) STRICT, WITHOUT ROWID;

-- Who did what to accounts, devices and keys; never a visitor's name. Rows are added and nothing else.
CREATE TABLE audit (
    number       INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    -- staff, device, key: with its id; command_line, nobody: without.
    actor_kind   TEXT NOT NULL CHECK (actor_kind IN ('staff', 'device', 'key', 'command_line', 'nobody')),
    actor        BLOB,
    action       TEXT NOT NULL,
    -- The id of whom or what it was done to, where that is somebody or something else.
    subject      BLOB,
    -- The site that it concerns, if it is one.
    site         BLOB,
    -- The address that the request came from; NULL for the command line.
    address      TEXT
) STRICT;
CREATE INDEX audit_by_actor ON audit (actor, action);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit trail is append-only'); END;
