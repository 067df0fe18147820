// Three stores with a queue, each as its documentation has it used, in a page. Each has
//   fill(texts)   keeps these events, to be sent later
//   drain()       sends all, and comes to the ms that it took until all was answered for
// What they send goes to the sink of tests/src/bin/drain, which passes it on to the same server as our worker's.

import PouchDB from "pouchdb-browser";
import { createRxDatabase } from "rxdb/plugins/core";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";
import { replicateRxCollection } from "rxdb/plugins/replication";

const BATCH = 500;

const measured = async (work) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
};

const posted = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (!answer.ok) throw `${answer.status}: ${await answer.text()}`;
};

// PouchDB: one-way replication to a CouchDB, in batches.
let couch = 0;
const pouchdb = {
    async fill(texts) {
        couch += 1;
        this.database = new PouchDB(`events-${couch}`);
        await this.database.bulkDocs(texts.map((text) => ({ _id: JSON.parse(text).id, text })));
    },
    drain() {
        const there = new PouchDB(`${location.origin}/sink/couch-${couch}`, { skip_setup: true });
        return measured(async () => {
            const { docs_written } = await this.database.replicate.to(there, { batch_size: BATCH });
            if (docs_written === 0) throw "nothing was replicated";
        });
    },
};

// RxDB: its storage that costs nothing, and its replication over HTTP, push only.
let databases = 0;
const schema = {
    version: 0,
    primaryKey: "id",
    type: "object",
    properties: { id: { type: "string", maxLength: 36 }, text: { type: "string" } },
    required: ["id", "text"],
};
const rxdb = {
    async fill(texts) {
        databases += 1;
        const database = await createRxDatabase({ name: `rx-${databases}`, storage: getRxStorageDexie() });
        ({ events: this.events } = await database.addCollections({ events: { schema } }));
        const { error } = await this.events.bulkInsert(texts.map((text) => ({ id: JSON.parse(text).id, text })));
        if (error.length > 0) throw JSON.stringify(error[0]);
    },
    drain() {
        const push = async (rows) => {
            await posted("/sink/texts", JSON.stringify(rows.map(({ newDocumentState }) => newDocumentState.text)));
            return [];
        };
        return measured(async () => {
            const replication = replicateRxCollection({
                collection: this.events,
                replicationIdentifier: "sink",
                live: false,
                push: { handler: push, batchSize: BATCH },
            });
            await replication.awaitInitialReplication();
        });
    },
};

// Workbox: its queue of requests that failed, replayed. Its class looks for Background Sync in a service worker's
// registration; without it, it replays when it is told to, which is what is measured.
self.registration ??= {};
let queues = 0;
const workbox = {
    async fill(texts) {
        const { Queue } = await import("workbox-background-sync/Queue.js");
        queues += 1;
        this.queue = new Queue(`queue-${queues}`, { forceSyncFallback: true, onSync: async () => {} });
        for (const body of texts) {
            await this.queue.pushRequest({ request: new Request("/sink/text", { method: "POST", body }) });
        }
    },
    drain() {
        return measured(() => this.queue.replayRequests());
    },
};

window.peers = { pouchdb, rxdb, workbox };
