// The frame around the worker's wasm: the event listeners, which a browser wants registered synchronously whenever it
// starts the script, and the app shell, which must open even if the wasm can't. Everything else is Rust.
//
// The same script runs as the service worker and, where there is none, as a dedicated worker of the page.
//
// worker/assemble puts this behind two definitions:
//   SHELL       {version, wasm, files, halves: {kiosk, desk: {page, files}}}, files being {path: SHA-256 in hex}: what
//               the app consists of. A device holds `files` and the half or halves that it is used as
//   makeWorker  a function that evaluates wasm-bindgen's glue anew, since one evaluation holds one instance for ever

"use strict";

const IS_SERVICE_WORKER = typeof ServiceWorkerGlobalScope !== "undefined" && self instanceof ServiceWorkerGlobalScope;
const HALVES = Object.values(SHELL.halves);
const SHELL_PREFIX = "vestibule-shell-";
const SHELL_CACHE = SHELL_PREFIX + SHELL.version;
const BACKGROUND_SYNC_TAG = "outbox";
const SCRIPT = self.location.pathname;
// What the server answers itself, and not with a page that opens without it.
const NO_PAGES = /^\/(api|trust|office|healthz|readyz|metrics)(\/|$)/;

// ── The wasm: started on first need, again after every restart of the script, and again after a trap ──────────────

let instance;

function start() {
  instance ??= instantiate().catch((error) => {
    instance = undefined;
    throw error;
  });
  return instance;
}

async function instantiate() {
  // Of this very version: a newer one from the network would not fit the glue.
  const kept = IS_SERVICE_WORKER ? await caches.match(SHELL.wasm) : undefined;
  const worker = makeWorker();
  await worker({ module_or_path: kept ?? fetch(SHELL.wasm) });
  return worker;
}

// After a trap an instance's memory can't be trusted. All that matters is in IndexedDB, so the next call gets a new one.
function discardAfterTrap(error) {
  if (error instanceof WebAssembly.RuntimeError) instance = undefined;
}
self.addEventListener("error", (event) => discardAfterTrap(event.error));
self.addEventListener("unhandledrejection", (event) => discardAfterTrap(event.reason));

async function call(method, ...args) {
  try {
    return await (await start())[method](...args);
  } catch (error) {
    discardAfterTrap(error);
    throw error;
  }
}

// ── Messages: an ask as JSON text, and the port to answer on ──────────────────────────────────────────────────────

self.addEventListener("message", (event) => {
  const port = event.ports[0];
  if (typeof event.data !== "string" || !port) return;
  const work = call("receive", event.data, port);
  if (IS_SERVICE_WORKER) {
    event.waitUntil(work);
    wakeMeLater();
  }
});

// Where there is Background Sync (Chromium), the browser starts the worker when it finds the network again, though the
// page be closed. It tries three times and then forgets, hence a new registration at every message.
function wakeMeLater() {
  self.registration.sync?.register(BACKGROUND_SYNC_TAG).catch(() => {
    // Refused in private windows and by some settings; the page's timer does the same work.
  });
}

if (IS_SERVICE_WORKER) {
  self.addEventListener("sync", (event) => {
    if (event.tag === BACKGROUND_SYNC_TAG) event.waitUntil(call("sync"));
  });

  // ── The app shell: one cache a version, filled and checked before it is used ──────────────────────────────────────

  self.addEventListener("install", (event) => {
    event.waitUntil(installShell().then(() => self.skipWaiting()));
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil(dropOldShells().then(() => self.clients.claim()));
  });

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) return;
    if (request.mode === "navigate" && !NO_PAGES.test(url.pathname)) {
      const half = halfOf(url.pathname);
      event.respondWith(fromShell(half.page, request));
      event.waitUntil(keepHalf(half).catch(() => {}));
      event.waitUntil(call("sync").catch(() => {}));
    } else if (url.pathname === SCRIPT || [SHELL, ...HALVES].some(({ files }) => url.pathname in files)) {
      event.respondWith(fromShell(url.pathname, request));
    }
  });
}

// Which half of the app a page belongs to; the server says the same (server/src/static_files.rs).
function halfOf(path) {
  return /^\/(dashboard|setup|password)(\/|$)/.test(path) ? SHELL.halves.desk : SHELL.halves.kiosk;
}

async function installShell() {
  const cache = await caches.open(SHELL_CACHE);
  const halves = await halvesInUse();
  await Promise.all([...keepAll(cache, SHELL), ...halves.flatMap((half) => keepAll(cache, half)), keepScript(cache)]);
}

// What this device must be able to open without a server: the halves that are open, and those that an earlier version
// kept. An earlier version that was not yet in halves kept all under "/". Who can't tell takes both.
async function halvesInUse() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = new Set(pages.map((page) => halfOf(new URL(page.url).pathname)));
  const wasInOne = await caches.match("/");
  const kept = await Promise.all(HALVES.map(async (half) => wasInOne || (await caches.match(half.page))));
  const inUse = HALVES.filter((half, number) => open.has(half) || kept[number]);
  return inUse.length > 0 ? inUse : HALVES;
}

// A half that is opened for the first time on a device that was used as the other.
async function keepHalf(half) {
  const cache = await caches.open(SHELL_CACHE);
  if (!(await cache.match(half.page))) await Promise.all(keepAll(cache, half));
}

function keepAll(cache, { files }) {
  return Object.entries(files).map(([path, hash]) => keep(cache, path, hash));
}

// Takes this script too, which can't know its own hash: a page whose service worker falls silent while the server is
// down runs it itself.
async function keepScript(cache) {
  const response = await fetch(SCRIPT, { cache: "no-cache", redirect: "error" });
  const body = await response.clone().text();
  if (!response.ok || !body.startsWith(`const SHELL = {"version":"${SHELL.version}"`)) {
    throw new Error(`${SCRIPT} is not the script of version ${SHELL.version}`);
  }
  await cache.put(SCRIPT, response);
}

// Takes a file into the cache if it is the one that was built: a captive portal answers 200 to everything.
async function keep(cache, path, hash) {
  if (await cache.match(path)) return;
  const response = await fetch(path, { cache: "no-cache", redirect: "error" });
  const body = await response.clone().arrayBuffer();
  if (!response.ok || (await sha256(body)) !== hash) {
    throw new Error(`${path} is not the file of version ${SHELL.version}`);
  }
  await cache.put(path, response);
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function fromShell(path, request) {
  const cache = await caches.open(SHELL_CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

async function dropOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(SHELL_PREFIX) && name !== SHELL_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
