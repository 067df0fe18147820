//! The second factor: time-based codes (RFC 6238) of an app on its owner's telephone, and recovery codes for the day when
//! that is lost.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use rusqlite::{Connection, OptionalExtension, params};
use totp_rs::{Builder, Totp};
use vestibule_protocol::{
    account::{Code, PasswordProof, RecoveryCodes, SecondFactor},
    id::StaffId,
    timestamp::Timestamp,
};

use super::{
    pairing::{grouped, spell},
    password,
    secret::{self, SecretHash},
    staff::StaffWrite,
};
use crate::{
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    limits,
};

/// Bytes of the secret: as many as HMAC-SHA-1 gives (RFC 4226 §4).
const SECRET_BYTES: usize = 20;

/// Recovery codes that are given out at once.
const RECOVERY_CODES: usize = 10;

/// Characters of a recovery code, five bits each: 80 bits, so that its hash in a stolen backup is no help.
const RECOVERY_CODE_CHARS: usize = 16;

/// Who the app on the telephone says that the codes are for.
const ISSUER: &str = "Vestibule";

/// `POST /api/v1/session/second-factor`: offers a secret. Nothing changes until [`confirm`].
pub async fn offer(
    State(app): State<Arc<App>>,
    StaffWrite { staff, .. }: StaffWrite,
) -> Result<(StatusCode, Json<SecondFactor>), Error> {
    let bytes: [u8; SECRET_BYTES] = clock::entropy();
    let id = staff.id;
    let email = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            connection.query_row(
                "UPDATE staff SET totp_offered = ?2 WHERE id = ?1 RETURNING email",
                params![id.0, bytes],
                |row| row.get::<_, String>(0),
            )
        })
        .await?;
    // A colon would end the name there.
    let label = email.replace(':', "_");
    let totp = Builder::new().with_secret(bytes).with_issuer(Some(ISSUER)).with_account_name(label);
    let totp = totp.build().map_err(|error| Error::Internal(error.into()))?;
    let uri = totp.to_url().map_err(|error| Error::Internal(error.into()))?;
    Ok((StatusCode::CREATED, Json(SecondFactor { uri, secret: totp.secret().to_base32() })))
}

/// `PUT /api/v1/session/second-factor`: a code of the offered secret makes it hold, in the place of an earlier one, and
/// gives out recovery codes.
pub async fn confirm(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    JsonBody(Code { code }): JsonBody<Code>,
) -> Result<Json<RecoveryCodes>, Error> {
    let recovery_codes = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let offered: Option<Vec<u8>> =
                connection.query_row("SELECT totp_offered FROM staff WHERE id = ?1", [staff.id.0], |row| row.get(0))?;
            let Some((secret, step)) = offered.and_then(|secret| step(&secret, &code, now).map(|step| (secret, step)))
            else {
                return Ok(None);
            };
            connection.execute(
                "UPDATE staff SET totp_secret = ?2, totp_offered = NULL, totp_step = ?3 WHERE id = ?1",
                params![staff.id.0, secret, step],
            )?;
            audit::note(connection, by, Action::SecondFactorAdded.to_staff(staff.id), now)?;
            fresh_recovery_codes(connection, staff.id).map(Some)
        })
        .await?
        .ok_or(Error::WrongSecondFactor)?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// `DELETE /api/v1/session/second-factor`: its owner does without, and shows the password for it.
pub async fn give_up(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    JsonBody(PasswordProof { password }): JsonBody<PasswordProof>,
) -> Result<StatusCode, Error> {
    password::prove(&app, &staff, by, password).await?;
    app.store.write(0, limits::WRITE_WAIT, move |connection| remove(connection, by, staff.id, clock::now())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the account has one.
///
/// # Errors
/// What SQLite said.
pub(super) fn is_set(connection: &Connection, staff: StaffId) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM staff WHERE id = ?1 AND totp_secret IS NOT NULL")?.exists([staff.0])
}

/// Uses up what was typed, a code or a recovery code; `false` if it does not hold.
///
/// # Errors
/// What SQLite said.
pub(super) fn accept(
    connection: &Connection,
    by: By,
    staff: StaffId,
    typed: &str,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let held: Option<(Vec<u8>, i64)> = connection
        .query_row(
            "SELECT totp_secret, totp_step FROM staff WHERE id = ?1 AND totp_secret IS NOT NULL",
            [staff.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((secret, used)) = held else { return Ok(false) };
    if let Some(step) = step(&secret, typed, now).filter(|step| *step > used) {
        connection.execute("UPDATE staff SET totp_step = ?2 WHERE id = ?1", params![staff.0, step])?;
        return Ok(true);
    }
    let used = connection.execute(
        "DELETE FROM recovery_codes WHERE staff = ?1 AND code_hash = ?2",
        params![staff.0, recovery_hash(typed)],
    )?;
    if used == 1 {
        audit::note(connection, by, Action::RecoveryCodeUsed.to_staff(staff), now)?;
    }
    Ok(used == 1)
}

/// Takes the second factor away, if there is one.
///
/// # Errors
/// What SQLite said.
pub(super) fn remove(connection: &Connection, by: By, staff: StaffId, now: Timestamp) -> rusqlite::Result<()> {
    if !is_set(connection, staff)? {
        return Ok(());
    }
    connection.execute("UPDATE staff SET totp_secret = NULL, totp_offered = NULL WHERE id = ?1", [staff.0])?;
    connection.execute("DELETE FROM recovery_codes WHERE staff = ?1", [staff.0])?;
    audit::note(connection, by, Action::SecondFactorRemoved.to_staff(staff), now)
}

fn fresh_recovery_codes(connection: &Connection, staff: StaffId) -> rusqlite::Result<Vec<String>> {
    connection.execute("DELETE FROM recovery_codes WHERE staff = ?1", [staff.0])?;
    let mut shown = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = spell(&clock::entropy::<RECOVERY_CODE_CHARS>());
        connection
            .prepare_cached("INSERT INTO recovery_codes (staff, code_hash) VALUES (?1, ?2)")?
            .execute(params![staff.0, recovery_hash(&code)])?;
        shown.push(grouped(&code));
    }
    Ok(shown)
}

/// Case, spaces and hyphens don't matter.
fn recovery_hash(typed: &str) -> SecretHash {
    let code = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    secret::hash(&code.collect::<String>())
}

/// The time step whose code that is; one step to either side of now, for clocks differ and people are slow.
fn step(secret: &[u8], typed: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.unix_ms() / 1_000).ok()?;
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    i64::try_from(totp(secret)?.check(&digits, seconds)?).ok()
}

fn totp(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret.to_vec()).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        let at = |seconds: i64| Timestamp::from_unix_ms(seconds * 1_000);
        // The last six digits of the standard's eight.
        assert_eq!(step(SECRET, "287082", at(59)), Some(1));
        assert_eq!(step(SECRET, "081 804", at(1_111_111_109)), Some(1_111_111_109 / 30));
        assert_eq!(step(SECRET, "287082", at(89)), Some(1), "the one before still counts");
        assert_eq!(step(SECRET, "287082", at(120)), None);
    }
}
