-- Second factors, links by which somebody chooses a password, keys for programs.

-- The secret of the second factor (RFC 6238), once a first code has shown that its owner's app has it.
ALTER TABLE staff ADD COLUMN totp_secret BLOB;
-- One that was shown and is not proven yet.
ALTER TABLE staff ADD COLUMN totp_offered BLOB;
-- The last time step whose code was used: a code counts once.
ALTER TABLE staff ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;

-- What replaces a lost second factor, each once.
CREATE TABLE recovery_codes (
    staff     BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (staff, code_hash)
) STRICT, WITHOUT ROWID;

-- One-time links by which a password is chosen.
CREATE TABLE password_links (
    token_hash BLOB PRIMARY KEY,
    staff      BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id           BLOB PRIMARY KEY,
    name         TEXT NOT NULL,
    key_hash     BLOB NOT NULL UNIQUE,
    scope        TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    -- NULL: every site.
    site         BLOB REFERENCES sites (id),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    -- To the minute.
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;
