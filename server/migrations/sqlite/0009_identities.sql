-- Whom an identity provider means by its names, so that an address that is given to somebody else opens nothing.
CREATE TABLE staff_identities (
    issuer    TEXT NOT NULL,
    -- The provider's own name for the person.
    subject   TEXT NOT NULL,
    staff     BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject),
    -- One person an account.
    UNIQUE (issuer, staff)
) STRICT, WITHOUT ROWID;
