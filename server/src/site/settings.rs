//! What admins decide for a site, which its kiosks hear of as of any change.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::IntoResponse,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};
use vestibule_protocol::{
    chain::{Digest, event_hash},
    id::SiteId,
    settings::{Agreement, AgreementText, Key, SiteSettings, Unfit},
    timestamp::Timestamp,
};

use crate::{
    access::{
        Reader,
        staff::{AdminAuth, AdminWrite},
    },
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    limits,
    store::{self, Positions},
};

/// Why settings were not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSet {
    /// They don't fit together.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Visitors may have signed another text under that version.
    #[error("version {version} of the agreement {} has another text already; count the version up", id.as_str())]
    AgreementVersionTaken {
        /// The agreement.
        id: Key,
        /// The version.
        version: u32,
    },
    /// Others hold by now than those that were read: somebody else has decided meanwhile.
    #[error("other settings hold by now; read them again, and change those")]
    OthersHold,
}

/// Names what a site has decided, as an entity tag does (RFC 9110 §8.8.3): settings that differ have another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(Digest);

/// In whose place settings are put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InPlaceOf {
    /// Of whatever holds.
    Whatever,
    /// Of one of these, or not at all: whoever changes what they have read must not undo what they have not.
    These(Vec<Version>),
}

/// `GET /api/v1/sites/{site}/settings`. The `ETag` is what [`change`] wants to hear.
pub async fn show(
    State(app): State<Arc<App>>,
    AdminAuth(admin): AdminAuth,
    site: Result<Path<SiteId>, PathRejection>,
) -> Result<impl IntoResponse, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    admin.must_reach(site)?;
    let held = app
        .store
        .read(
            move |connection| {
                if store::site_exists(connection, site)? { find(connection, site).map(Some) } else { Ok(None) }
            },
        )
        .await?;
    held.map(tagged).ok_or(Error::NotFound)
}

/// `PUT /api/v1/sites/{site}/settings`: these, whole, in the place of those that `If-Match` names. It must be there: two
/// who save at once would undo each other's work unnoticed.
pub async fn change(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    site: Result<Path<SiteId>, PathRejection>,
    headers: HeaderMap,
    JsonBody(settings): JsonBody<SiteSettings>,
) -> Result<impl IntoResponse, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    staff.must_reach(site)?;
    let in_place_of = InPlaceOf::read(&headers).ok_or(Error::IfMatchNeeded)?;
    let set = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if !store::site_exists(connection, site)? {
                return Ok(Err(Error::NotFound));
            }
            let set = set(connection, by, site, &settings, &in_place_of, clock::now())?;
            Ok(set.map(|()| settings).map_err(Error::from))
        })
        .await??;
    Ok(tagged(set))
}

fn tagged(settings: SiteSettings) -> impl IntoResponse {
    ([(header::ETAG, Version::of(&settings).tag())], Json(settings))
}

/// `GET /api/v1/sites/{site}/agreements/{id}/{version}`: the text that visitors agreed to.
pub async fn show_agreement(
    State(app): State<Arc<App>>,
    Reader { site, .. }: Reader,
    asked: Result<Path<(SiteId, Key, u32)>, PathRejection>,
) -> Result<Json<AgreementText>, Error> {
    let Path((_, id, version)) = asked.map_err(|_| Error::NotFound)?;
    let held = app.store.read(move |connection| agreement_text(connection, site, &id, version)).await?;
    held.map(Json).ok_or(Error::NotFound)
}

/// What the site has decided.
///
/// # Errors
/// What SQLite said.
pub fn find(connection: &Connection, site: SiteId) -> rusqlite::Result<SiteSettings> {
    Ok(changed_after(connection, site, 0)?.map(|(_, settings)| settings).unwrap_or_default())
}

/// What the site has decided, if it has changed after that feed position, and when it did.
pub(crate) fn changed_after(
    connection: &Connection,
    site: SiteId,
    position: i64,
) -> rusqlite::Result<Option<(i64, SiteSettings)>> {
    connection
        .prepare_cached("SELECT position, json FROM site_settings WHERE site = ?1 AND position > ?2")?
        .query_row(params![site.0, position], |row| Ok((row.get(0)?, read(row, 1)?)))
        .optional()
}

/// Decides for a site which there is, in the place of what held, with its line in the audit trail.
///
/// # Errors
/// What SQLite said; the inner [`NotSet`] if they can't be taken.
pub fn set(
    connection: &Connection,
    by: By,
    site: SiteId,
    settings: &SiteSettings,
    in_place_of: &InPlaceOf,
    now: Timestamp,
) -> rusqlite::Result<Result<(), NotSet>> {
    if let InPlaceOf::These(versions) = in_place_of
        && !versions.contains(&Version::of(&find(connection, site)?))
    {
        return Ok(Err(NotSet::OthersHold));
    }
    if let Err(unfit) = settings.check() {
        return Ok(Err(unfit.into()));
    }
    for agreement in &settings.agreements {
        let Agreement { id, version, .. } = agreement;
        let held = agreement_text(connection, site, id, *version)?;
        if held.is_some_and(|held| held != agreement.text()) {
            return Ok(Err(NotSet::AgreementVersionTaken { id: id.clone(), version: *version }));
        }
    }
    for agreement in &settings.agreements {
        connection
            .prepare_cached(
                "INSERT INTO agreement_versions (site, id, version, json, set_at) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                site.0,
                agreement.id.as_str(),
                agreement.version,
                json(&agreement.text())?,
                now.unix_ms()
            ])?;
    }
    let mut positions = Positions::begin(connection)?;
    connection
        .prepare_cached(
            "INSERT INTO site_settings (site, json, position, changed_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (site) DO UPDATE SET json = excluded.json, position = excluded.position, \
             changed_at = excluded.changed_at",
        )?
        .execute(params![site.0, json(settings)?, positions.take(), now.unix_ms()])?;
    positions.save(connection)?;
    audit::note(connection, by, Action::SettingsChanged.at(site), now)?;
    Ok(Ok(()))
}

impl Version {
    /// That of these settings.
    pub fn of(settings: &SiteSettings) -> Self {
        Self(event_hash(&vestibule_protocol::json::write(settings)))
    }

    fn tag(self) -> String {
        format!("\"{}\"", self.0)
    }

    /// What a tag names; `None` if none of ours has ever been so.
    fn read(tag: &str) -> Option<Self> {
        // A proxy that packs answers marks their tags as weak; what is packed is still the same text.
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok().map(Self)
    }
}

impl InPlaceOf {
    /// What `If-Match` says (RFC 9110 §13.1.1); `None` if it is not there.
    fn read(headers: &HeaderMap) -> Option<Self> {
        let mut said = headers.get_all(header::IF_MATCH).iter().peekable();
        said.peek()?;
        let tags: Vec<&str> =
            said.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim).collect();
        if tags == ["*"] {
            return Some(Self::Whatever);
        }
        Some(Self::These(tags.into_iter().filter_map(Version::read).collect()))
    }
}

fn agreement_text(
    connection: &Connection,
    site: SiteId,
    id: &Key,
    version: u32,
) -> rusqlite::Result<Option<AgreementText>> {
    connection
        .prepare_cached("SELECT json FROM agreement_versions WHERE site = ?1 AND id = ?2 AND version = ?3")?
        .query_row(params![site.0, id.as_str(), version], |row| read(row, 0))
        .optional()
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn read<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}
