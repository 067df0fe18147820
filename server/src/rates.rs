//! How much anybody may ask: each device, account, key and address within its own measure, so that nobody's haste is
//! another's wait.
//!
//! Whoever shows a token that holds is counted under it, wherever they are; only who shows none is counted by address.
//! So a machine that floods the server from the office's network takes nothing from the kiosks behind the same address,
//! and what a device delivers is counted apart from what it reads. By the generic cell rate algorithm, with what is left
//! told in the fields of draft-ietf-httpapi-ratelimit-headers-10.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use axum::{
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::Response,
};
use axum_extra::extract::CookieJar;
use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::keyed::HashMapStateStore,
};
use vestibule_protocol::id::{DeviceId, KeyId, StaffId};

use crate::{
    access::{
        device::{self, bearer},
        keys,
        peer::Peer,
        secret::{self, SecretHash},
        session::COOKIE,
        staff,
        throttle::network,
    },
    app::App,
    clock, ingest, limits,
    settings::Rates as Setting,
};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Seconds of the window in which the quotas are told.
const WINDOW_S: u32 = 60;

/// What is never counted: a watchman's questions.
const FREE: [&str; 2] = ["/healthz", "/metrics"];

/// Who asked how much. In memory only: a restart begins anew.
pub(crate) struct Rates {
    ingest: Measure<DeviceId>,
    device: Measure<DeviceId>,
    account: Measure<StaffId>,
    key: Measure<KeyId>,
    address: Measure<IpAddr>,
    /// Who shows which token or cookie, as was found last. Only says under whom to count; what a token is worth is
    /// decided where it is used.
    known: Mutex<HashMap<SecretHash, Who>>,
}

/// Under whom a request is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Device(DeviceId),
    Staff(StaffId),
    Key(KeyId),
    Address(IpAddr),
}

/// Of one kind of client, how much each may ask.
struct Measure<Key: Hash + Eq + Clone> {
    name: &'static str,
    per_minute: NonZeroU32,
    limiter: RateLimiter<Key, HashMapStateStore<Key>, OwnClock, StateInformationMiddleware>,
}

/// A request that was counted.
pub(crate) struct Counted {
    name: &'static str,
    quota: u32,
    left: u32,
    /// What to wait before the next, in seconds, if this one was too many.
    pub(crate) too_many: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct OwnClock;

impl Clock for OwnClock {
    type Instant = Instant;

    fn now(&self) -> Instant {
        clock::instant()
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            ingest: Measure::new("ingest", limits::INGEST_PER_MINUTE),
            device: Measure::new("device", limits::DEVICE_PER_MINUTE),
            account: Measure::new("account", limits::ACCOUNT_PER_MINUTE),
            key: Measure::new("key", limits::KEY_PER_MINUTE),
            address: Measure::new("address", limits::ADDRESS_PER_MINUTE),
            known: Mutex::default(),
        }
    }
}

impl Rates {
    /// Counts a request with that head; `None` if it is one that nobody counts.
    pub(crate) async fn count_request(&self, app: &App, parts: &Parts, peer: &Peer) -> Option<Counted> {
        if app.settings.rates == Setting::Unlimited || FREE.contains(&parts.uri.path()) {
            return None;
        }
        let who = self.who(app, parts, peer).await;
        Some(match who {
            Who::Device(id) if ingest::is_delivery(parts) => self.ingest.count(&id),
            Who::Device(id) => self.device.count(&id),
            Who::Staff(id) => self.account.count(&id),
            Who::Key(id) => self.key.count(&id),
            Who::Address(address) => self.address.count(&address),
        })
    }

    /// Under whom to count it.
    async fn who(&self, app: &App, parts: &Parts, peer: &Peer) -> Who {
        let address = Who::Address(network(peer.address));
        let is_bearer = parts.headers.contains_key(header::AUTHORIZATION);
        let shown = match bearer(&parts.headers) {
            Some(token) => secret::hash(token),
            None if is_bearer => return address,
            None => match CookieJar::from_headers(&parts.headers).get(COOKIE) {
                Some(cookie) => secret::hash(cookie.value()),
                None => return address,
            },
        };
        if let Some(who) = self.known(&shown) {
            return who;
        }
        let now = clock::now();
        let find = move |connection: &rusqlite::Connection| {
            Ok(if !is_bearer {
                staff::by_session(connection, &shown, now)?.map(|staff| Who::Staff(staff.id))
            } else if let Some(device) = device::by_token(connection, &shown, now)? {
                Some(Who::Device(device.id))
            } else {
                keys::by_hash(connection, &shown, now)?.map(|(key, _)| Who::Key(key.id))
            })
        };
        match app.store.read(find).await {
            Ok(Some(who)) => {
                self.remember(shown, who);
                who
            }
            // A token that is none, or a database that does not answer.
            _ => address,
        }
    }

    fn known(&self, shown: &SecretHash) -> Option<Who> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(shown).copied()
    }

    fn remember(&self, shown: SecretHash, who: Who) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= limits::TOKENS_KNOWN_MAX {
            known.clear();
        }
        known.insert(shown, who);
    }
}

impl<Key: Hash + Eq + Clone> Measure<Key> {
    fn new(name: &'static str, per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), OwnClock).with_middleware();
        Self { name, per_minute, limiter }
    }

    fn count(&self, key: &Key) -> Counted {
        if self.limiter.len() >= limits::RATES_MAX_KEYS {
            // Those that have asked nothing for a minute.
            self.limiter.retain_recent();
        }
        let counted = self.limiter.check_key(key);
        let left = counted.as_ref().map_or(0, StateSnapshot::remaining_burst_capacity);
        let too_many = counted.err().map(|until| {
            let wait = until.wait_time_from(clock::instant());
            // Rounded up, so that who waits as told is heard.
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        });
        Counted { name: self.name, quota: self.per_minute.get(), left, too_many }
    }
}

impl Counted {
    /// Tells what is left in an answer.
    pub(crate) fn tell(&self, response: &mut Response) {
        let Self { name, quota, left, .. } = self;
        // Until all of it is there again.
        let reset_s = u64::from(quota - left.min(quota)) * u64::from(WINDOW_S) / u64::from(*quota);
        let fields = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={WINDOW_S}")),
            (RATE_LIMIT, format!("\"{name}\";r={left};t={reset_s}")),
        ];
        for (field, text) in fields {
            if let Ok(value) = HeaderValue::try_from(text) {
                response.headers_mut().insert(field, value);
            }
        }
    }
}
