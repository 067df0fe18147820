//! Events that people carry by hand: sealed, so that nobody but the server can read them, and nobody but the device can
//! have made them.
//!
//! A file holds a device's backlog as parcels, each whole by itself: they may arrive in any order, some of them or all,
//! and bringing one in twice is harmless, because the events in it are the texts of the outbox, to the byte. When the
//! device delivers them itself, they are duplicates.
//!
//! # The seal
//!
//! ChaCha20-Poly1305 (RFC 8439) under a key that comes of the device's token, as [`SealKey`] says. Device and server have
//! had the token in common since the pairing, so a device needs nothing new to seal, also one that was paired long ago
//! and has been without a network since. The nonce is a hash of key and content, so that no other content is ever sealed
//! with it; the same content gives the same parcel.
//!
//! What stands outside is authenticated and not secret: which device it is, so that the server finds the key.

mod code;
mod layout;

use std::fmt;

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Tag, aead::inout::InOutBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use self::code::NotAParcel;
use crate::{
    batch::{Link, Seq},
    chain::Digest,
    event::Source,
    id::{DeviceId, StreamId},
};

/// What a device hands over.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Who the device is.
    pub source: Source,
    /// The numbering of the events.
    pub stream: StreamId,
    /// Where that numbering ended when the parcel was closed, so that the server knows what else there is;
    /// [`Link::START`] if it does not say.
    pub head: Link,
    /// They themselves: at least one, and no more than a batch may hold.
    pub events: Vec<ParcelEvent>,
}

/// One event of a [`Parcel`].
#[derive(Clone, PartialEq, Eq)]
pub struct ParcelEvent {
    /// Its number in the stream.
    pub seq: Seq,
    /// Its exact text, whatever it says.
    pub text: Box<str>,
}

/// A parcel that was closed.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    device: DeviceId,
    bytes: Vec<u8>,
}

/// What seals a device's parcels and opens them: a hash of the SHA-256 of its token, which is all that the server keeps
/// of the token. Whoever knows one key knows neither the token nor what is kept of it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealKey(Digest);

/// Not sealed with this key; or damaged, or changed by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not hold")]
pub struct BrokenSeal;

/// Sets the hash apart from all others that are made of a token.
const KEY_LABEL: &[u8] = b"vestibule parcel v1";

const ID_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// What stands outside: the device.
const OUTSIDE_BYTES: usize = ID_BYTES;

impl SealKey {
    /// For the device, which has the token.
    pub fn of_token(token: &str) -> Self {
        Self::of_token_hash(&Sha256::digest(token.as_bytes()).into())
    }

    /// For the server, which has its SHA-256.
    pub fn of_token_hash(hash: &[u8; 32]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(KEY_LABEL);
        hasher.update(hash);
        Self(Digest(hasher.finalize().into()))
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.0.0.into())
    }

    /// Another one for any other content, without a source of randomness.
    fn nonce(&self, outside: &[u8], content: &[u8]) -> [u8; NONCE_BYTES] {
        let mut hasher = Sha256::new();
        hasher.update(self.0.0);
        hasher.update(outside);
        hasher.update(content);
        let hash: [u8; 32] = hasher.finalize().into();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&hash[..NONCE_BYTES]);
        nonce
    }
}

impl Parcel {
    /// Closes it; `None` if it is empty.
    pub fn seal(&self, key: &SealKey) -> Option<Sealed> {
        if self.events.is_empty() {
            return None;
        }
        let device = self.source.device;
        let mut bytes = device.0.as_bytes().to_vec();
        let mut content = layout::write(self);
        let nonce = key.nonce(&bytes, &content);
        // It fails only for contents of many gigabytes.
        let sealed = key.cipher().encrypt_inout_detached(&nonce.into(), &bytes, InOutBuf::from(&mut content[..]));
        let tag = sealed.ok()?;
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&content);
        bytes.extend_from_slice(&tag);
        Some(Sealed { device, bytes })
    }
}

impl Sealed {
    /// What was closed elsewhere; `None` if so few bytes can't be it.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        if bytes.len() < OUTSIDE_BYTES + NONCE_BYTES + TAG_BYTES {
            return None;
        }
        let device = DeviceId(Uuid::from_slice(&bytes[..ID_BYTES]).ok()?);
        Some(Self { device, bytes })
    }

    /// All of it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which device says that it closed it; whether it did, only [`Self::open`] tells.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`BrokenSeal`]: it tells nothing then.
    pub fn open(&self, key: &SealKey) -> Result<Parcel, BrokenSeal> {
        let (outside, rest) = self.bytes.split_at(OUTSIDE_BYTES);
        let (nonce, rest) = rest.split_at(NONCE_BYTES);
        let (content, tag) = rest.split_at(rest.len() - TAG_BYTES);
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| BrokenSeal)?;
        let tag: [u8; TAG_BYTES] = tag.try_into().map_err(|_| BrokenSeal)?;
        let mut content = content.to_vec();
        key.cipher()
            .decrypt_inout_detached(&nonce.into(), outside, InOutBuf::from(&mut content[..]), &Tag::from(tag))
            .map_err(|_| BrokenSeal)?;
        layout::read(&content, self.device).ok_or(BrokenSeal)
    }
}

/// Tells nothing of a visitor.
impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel").field("source", &self.source).field("events", &self.events.len()).finish()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("device", &self.device).finish_non_exhaustive()
    }
}

/// Tells nothing of the key.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK_IN: &str = r#"{"specversion":"1.0","id":"0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a01","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_in.v1","subject":"0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a02","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"visitor":{"name":"Ada Lovelace","company":"Analytical Engines"},"host":{"id":"0195b3a4-0000-7000-8000-000000000009","name":"Grace Hopper"}}}"#;
    const SOURCE: &str = "/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002";
    const TOKEN: &str = "vd_0123456789";

    fn parcel(texts: &[&str]) -> Parcel {
        let stream = StreamId(Uuid::from_u128(7));
        let event = |(n, text): (usize, &&str)| ParcelEvent { seq: n as Seq + 41, text: (*text).into() };
        let events = texts.iter().enumerate().map(event).collect();
        Parcel { source: SOURCE.parse().unwrap(), stream, head: Link::START, events }
    }

    #[test]
    fn what_comes_out_is_what_went_in_to_the_byte() {
        for texts in [vec![CHECK_IN], vec![CHECK_IN, "no JSON at all", ""]] {
            for head in [Link::START, Link { seq: 300, chain: Digest([7; 32]) }] {
                let parcel = Parcel { head, ..parcel(&texts) };
                let text = parcel.seal(&SealKey::of_token(TOKEN)).unwrap().text();
                let read = Sealed::read(&text).unwrap();
                assert_eq!(read.device(), SOURCE.parse::<Source>().unwrap().device);
                assert_eq!(read.open(&SealKey::of_token(TOKEN)).unwrap(), parcel);
            }
        }
    }

    #[test]
    fn nobody_changes_a_parcel_unseen() {
        let key = SealKey::of_token(TOKEN);
        let sealed = parcel(&[CHECK_IN]).seal(&key).unwrap();
        for place in 0..sealed.bytes().len() {
            let mut bytes = sealed.bytes().to_vec();
            bytes[place] ^= 1;
            assert_eq!(Sealed::from_bytes(bytes).unwrap().open(&key), Err(BrokenSeal), "byte {place}");
        }
        assert_eq!(sealed.open(&SealKey::of_token("vd_another")), Err(BrokenSeal));
    }

    #[test]
    fn nobody_reads_a_parcel() {
        let sealed = parcel(&[CHECK_IN]).seal(&SealKey::of_token(TOKEN)).unwrap();
        let shown = String::from_utf8_lossy(sealed.bytes()).into_owned();
        assert!(!shown.contains("Ada") && !shown.contains("Analytical"), "{shown}");
    }

    #[test]
    fn an_empty_parcel_is_none() {
        assert_eq!(parcel(&[]).seal(&SealKey::of_token(TOKEN)), None);
    }

    #[test]
    fn debug_tells_no_name_and_no_key() {
        let key = SealKey::of_token(TOKEN);
        let parcel = parcel(&[CHECK_IN]);
        let debug = format!("{parcel:?} {:?} {key:?}", parcel.seal(&key));
        assert!(!debug.contains("Ada") && !debug.contains(&key.0.to_string()), "{debug}");
    }
}
