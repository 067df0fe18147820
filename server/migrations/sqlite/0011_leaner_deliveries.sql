-- What an event costs the writer, made less.

-- For each event the database looked up the device, the stream and the site that its rows refer to, which the same
-- transaction had just read: a seventh of the work. Changed in place, as https://sqlite.org/lang_altertable.html
-- describes, because no row changes. `vestibule verify` and a restore look at these references all the same.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' REFERENCES devices (id)', '') WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql, ' REFERENCES streams (number)', '') WHERE type = 'table' AND name = 'slots';
UPDATE sqlite_schema SET sql = replace(sql, ' REFERENCES sites (id)', '') WHERE type = 'table' AND name = 'visits';
PRAGMA writable_schema = RESET;

-- A visit of one event says nothing that the event does not say, so its row need not say it again: half of what is
-- written of a visitor who walks in would be written twice. This is what each visit is read from: the visit whole; or,
-- its json being '', the one event that it consists of, which is that at its position, and when that was received.
CREATE VIEW visits_as_held AS
    SELECT visits.id, visits.site, visits.position, visits.matters_until, visits.erased_at,
        visits.json, events.text AS event, events.received_at
    FROM visits
    LEFT JOIN events ON events.position = iif(visits.json = '', visits.position, NULL);
