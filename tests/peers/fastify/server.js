// The server that many would write instead: Fastify and better-sqlite3, one transaction a request, the same contract for
// POST /api/v1/sync, the same durability. It folds check-ins only and keeps no quarantine: what it leaves out is to its
// advantage.
//
//   node server.js DATABASE TOKENS   prints "listening on http://127.0.0.1:PORT"; TOKENS is a file, one token a line
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import Fastify from "fastify";

const [, , file, tokens] = process.argv;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const uuid = (text) => Buffer.from(text.replaceAll("-", ""), "hex");

const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  CREATE TABLE devices (token_hash BLOB PRIMARY KEY, id BLOB NOT NULL) STRICT;
  CREATE TABLE streams (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, head_seq INTEGER NOT NULL,
    watermark_seq INTEGER NOT NULL, watermark_chain BLOB NOT NULL, health TEXT NOT NULL) STRICT;
  CREATE TABLE events (position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, hash BLOB NOT NULL, text TEXT NOT NULL,
    visit BLOB NOT NULL, received_at INTEGER NOT NULL) STRICT;
  CREATE TABLE slots (stream INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (stream, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE visits (id BLOB PRIMARY KEY, site BLOB NOT NULL, json TEXT NOT NULL, position INTEGER NOT NULL,
    matters_until INTEGER NOT NULL) STRICT;
  CREATE INDEX visits_by_change ON visits (site, position);
  CREATE INDEX visits_that_matter ON visits (site, matters_until, id);
`);
const addDevice = db.prepare("INSERT INTO devices (token_hash, id) VALUES (?, randomblob(16))");
for (const token of readFileSync(tokens, "utf8").split("\n").filter(Boolean)) addDevice.run(sha256(token));

const findDevice = db.prepare("SELECT id FROM devices WHERE token_hash = ?");
const findStream = db.prepare("SELECT number, watermark_seq, watermark_chain FROM streams WHERE id = ?");
const addStream = db.prepare(
  "INSERT INTO streams (id, head_seq, watermark_seq, watermark_chain, health) VALUES (?, 0, 0, zeroblob(32), '{}')",
);
const saveStream = db.prepare(
  "UPDATE streams SET head_seq = ?, watermark_seq = ?, watermark_chain = ?, health = ? WHERE number = ?",
);
const findSlot = db.prepare("SELECT hash FROM slots WHERE stream = ? AND seq = ?");
const addSlot = db.prepare("INSERT INTO slots (stream, seq, hash) VALUES (?, ?, ?)");
const findEvent = db.prepare("SELECT hash FROM events WHERE id = ?");
const addEvent = db.prepare("INSERT INTO events (id, hash, text, visit, received_at) VALUES (?, ?, ?, ?, ?)");
const findVisit = db.prepare("SELECT json FROM visits WHERE id = ?");
const saveVisit = db.prepare(
  "INSERT INTO visits (id, site, json, position, matters_until) VALUES (?, ?, ?, ?, ?) " +
    "ON CONFLICT (id) DO UPDATE SET json = excluded.json, position = excluded.position",
);

function fold(event, position, receivedAt) {
  const id = uuid(event.subject);
  const held = findVisit.get(id);
  const visit = held ? JSON.parse(held.json) : { id: event.subject, timeline: [] };
  visit.visitor = event.data.visitor ?? visit.visitor;
  visit.timeline.push({ event: event.id, kind: event.type, occurred_at: event.time, received_at: receivedAt });
  saveVisit.run(id, uuid(event.source.split("/")[2]), JSON.stringify(visit), position, Number.MAX_SAFE_INTEGER);
}

const ingest = db.transaction((batch, now) => {
  const id = uuid(batch.stream);
  let stream = findStream.get(id);
  if (!stream) {
    addStream.run(id);
    stream = findStream.get(id);
  }
  let { watermark_seq: watermark, watermark_chain: chain } = stream;
  const results = batch.events.map(({ seq, event }) => {
    const text = JSON.stringify(event);
    const hash = sha256(text);
    const slot = findSlot.get(stream.number, seq);
    if (slot) return { seq, outcome: slot.hash.equals(hash) ? "duplicate" : "conflict" };
    const held = findEvent.get(uuid(event.id));
    if (!held) {
      const { lastInsertRowid } = addEvent.run(uuid(event.id), hash, text, uuid(event.subject), now);
      fold(event, lastInsertRowid, now);
    }
    addSlot.run(stream.number, seq, hash);
    if (seq === watermark + 1) {
      watermark = seq;
      chain = sha256(Buffer.concat([chain, hash]));
    }
    return { seq, outcome: !held ? "accepted" : held.hash.equals(hash) ? "duplicate" : "conflict" };
  });
  saveStream.run(batch.head.seq, watermark, chain, JSON.stringify(batch.health), stream.number);
  return { results, watermark: { seq: watermark, chain: chain.toString("hex") } };
});

const app = Fastify({ bodyLimit: 1024 * 1024 });
app.post("/api/v1/sync", (request, reply) => {
  const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
  if (!findDevice.get(sha256(token))) return reply.code(401).send();
  const now = Date.now();
  const { results, watermark } = ingest(request.body, now);
  reply.type("application/vnd.vestibule.receipt+json").send(
    JSON.stringify({ protocol: 1, batch: request.body.batch, received_at: new Date(now).toISOString(), results, watermark,
      missing: [], keep_from: 1, resume_after_ms: 0 }),
  );
});
console.log(`listening on ${await app.listen({ host: "127.0.0.1", port: 0 })}`);
