//! A server from its first connection to its last commit.

use std::{future::Future, io, sync::Arc};

use tokio::{
    net::TcpListener,
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    app::App,
    limits, privacy,
    router::router,
    settings::Settings,
    static_files::Dist,
    store::Store,
    tls::{Connection, Door},
};

/// Serves on `listener` until `stop` completes; then finishes what is in work, within [`limits::SHUTDOWN_GRACE`], and
/// commits what is queued.
///
/// # Errors
/// If the listener fails.
pub async fn run(
    listener: TcpListener,
    store: Store,
    dist: Dist,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop_sender, stopping) = watch::channel(false);
    let certificate = settings.tls.clone();
    let refreshing = certificate.clone().map(|certificate| tokio::spawn(certificate.keep_fresh()));
    let door = Door::open(listener, certificate)?;
    let app = Arc::new(App::new(store, settings, stopping.clone()));
    let looking = tokio::spawn(look_at_feed(Arc::clone(&app)));
    let forgetting = tokio::spawn(forget_by_age(Arc::clone(&app)));
    let service = router(Arc::clone(&app), dist).into_make_service_with_connect_info::<Connection>();
    let serving = axum::serve(door, service).with_graceful_shutdown({
        let mut stopping = stopping.clone();
        async move { drop(stopping.wait_for(|stopping| *stopping).await) }
    });
    let mut serving = tokio::spawn(serving.into_future());
    let served = tokio::select! {
        served = &mut serving => served,
        () = stop => {
            stop_sender.send_replace(true);
            timeout(limits::SHUTDOWN_GRACE, &mut serving).await.unwrap_or(Ok(Ok(())))
        }
    };
    looking.abort();
    forgetting.abort();
    if let Some(refreshing) = refreshing {
        refreshing.abort();
    }
    let closing = tokio::task::spawn_blocking(move || app.store.close());
    drop(timeout(limits::SHUTDOWN_GRACE, closing).await);
    served.map_err(io::Error::other)?
}

/// Forgets whose time has run out, at the start and every hour.
async fn forget_by_age(app: Arc<App>) {
    let mut look = interval(limits::RETENTION_LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match privacy::run_out(&app).await {
            Ok(0) => {}
            Ok(visits) => tracing::info!(visits, "forgot visitors whose time had run out"),
            Err(error) => tracing::warn!(%error, "could not forget all whose time had run out"),
        }
    }
}

/// What the command line commits wakes nobody in this process, so somebody has to look.
async fn look_at_feed(app: Arc<App>) {
    let mut look = interval(limits::FEED_LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(error) = app.store.look_at_feed().await {
            tracing::warn!(%error, "could not look at the feed");
        }
    }
}
