//! What every request shares.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::{
    access::{delivery::Deliveries, throttle::Tries},
    limits,
    metrics::Metrics,
    rates::Rates,
    settings::Settings,
    store::Store,
};

/// The parts of a running server that outlive a request.
pub struct App {
    /// The database.
    pub store: Store,
    /// What is counted.
    pub metrics: Metrics,
    /// Whose batches are in work.
    pub deliveries: Arc<Deliveries>,
    /// Wrong tries at passwords, codes and links.
    pub tries: Tries,
    /// Who asked how much.
    pub(crate) rates: Rates,
    /// Room to hash passwords in, [`limits::PASSWORDS_AT_ONCE`].
    pub passwords: Semaphore,
    /// Room to read large bodies in, [`limits::BODIES_READ_AT_ONCE`].
    pub reading: Semaphore,
    /// What whoever runs the server has decided.
    pub settings: Settings,
    /// Turns true when the server stops: what would go on for ever ends then.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    /// An app on that store, until `stopping` turns true.
    pub fn new(store: Store, settings: Settings, stopping: watch::Receiver<bool>) -> Self {
        Self {
            metrics: Metrics::new(store.commits()),
            store,
            deliveries: Arc::default(),
            tries: Tries::default(),
            rates: Rates::default(),
            passwords: Semaphore::new(limits::PASSWORDS_AT_ONCE),
            reading: Semaphore::new(limits::BODIES_READ_AT_ONCE),
            settings,
            stopping,
        }
    }
}
