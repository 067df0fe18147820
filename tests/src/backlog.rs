//! A long backlog in a device's outbox, for what takes too long to be typed, or to be asked of the worker one by one.

/// How many events one script writes: a driver waits half a minute for a script's end.
const AT_ONCE: u32 = 2_500;

/// Scripts that write so many events between them, each ending with how many it has written. They write as the worker
/// does, by the schema of `worker/src/store`, behind what it has written itself, of which the oldest must wait; nobody may
/// use the device meanwhile. The visitors are those of [`name`].
pub fn scripts(events: u32) -> impl Iterator<Item = (u32, String)> {
    (0..events).step_by(AT_ONCE as usize).map(move |from| {
        let count = AT_ONCE.min(events - from);
        (count, format!("const from = {from}, count = {count};\n{FILL}"))
    })
}

/// What the visitor of that number is called.
pub fn name(number: u32) -> String {
    format!("Crowd {number}")
}

const FILL: &str = r#"
    const done = arguments[arguments.length - 1];
    const answered = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
    const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    // Version 7, as the page makes them; crypto.randomUUID makes version 4.
    const uuid = (at) => {
        const time = at.toString(16).padStart(12, "0");
        return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
    };
    const fill = async () => {
        const database = await answered(indexedDB.open("vestibule"));
        const before = database.transaction(["meta", "events"]);
        const [headText, model] = await Promise.all([
            answered(before.objectStore("meta").get("head")),
            answered(before.objectStore("events").index("age").openCursor()).then((cursor) => cursor.value),
        ]);
        if (model.state !== "pending") throw `the first is ${model.state}`;
        const head = JSON.parse(headText);
        const rows = [];
        for (let number = from; number < from + count; number += 1) {
            const [at, id, visit] = [Date.now(), uuid(Date.now()), uuid(Date.now())];
            const event = { ...JSON.parse(model.text), id, subject: visit, time: new Date(at).toISOString() };
            event.data.visitor.name = `Crowd ${number}`;
            rows.push({ ...model, id, visit, at, text: JSON.stringify(event), state: "pending", unsettled: visit });
        }
        const hashes = await Promise.all(rows.map(({ text }) => sha256(new TextEncoder().encode(text))));
        let chain = bytes(head.link.chain);
        for (const [place, row] of rows.entries()) {
            const both = new Uint8Array(64);
            both.set(chain);
            both.set(hashes[place], 32);
            chain = await sha256(both);
            Object.assign(row, { stream: head.stream, seq: head.link.seq + place + 1, chain: hex(chain) });
        }
        head.link = { seq: head.link.seq + count, chain: hex(chain) };
        const transaction = database.transaction(["meta", "events"], "readwrite");
        const meta = transaction.objectStore("meta");
        if (await answered(meta.get("head")) !== headText) throw "somebody was at the kiosk meanwhile";
        const revision = JSON.parse((await answered(meta.get("revision"))) ?? "0") + 1;
        meta.put(JSON.stringify(revision), "revision");
        meta.put(JSON.stringify(head), "head");
        for (const row of rows) transaction.objectStore("events").put({ ...row, revision });
        await new Promise((resolve, reject) => {
            transaction.oncomplete = resolve;
            transaction.onabort = () => reject(transaction.error);
        });
        database.close();
        return count;
    };
    fill().then(done, (error) => done(`${error}`));
"#;
