-- What sites have decided of their kiosks, and what visitors are asked to agree to.

-- A site without a row has decided nothing.
CREATE TABLE site_settings (
    site       BLOB PRIMARY KEY REFERENCES sites (id),
    -- The settings whole, as the protocol writes them.
    json       TEXT NOT NULL,
    -- Feed position of the last change.
    position   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every text that anybody was ever asked to agree to, so that what was signed can be read. Never changed.
CREATE TABLE agreement_versions (
    site    BLOB NOT NULL REFERENCES sites (id),
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- Title and text in every language, as the protocol writes them.
    json    TEXT NOT NULL,
    set_at  INTEGER NOT NULL,
    PRIMARY KEY (site, id, version)
) STRICT, WITHOUT ROWID;
