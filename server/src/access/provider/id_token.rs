//! What an identity provider says of who signed in: a signed token (OpenID Connect Core 1.0 §2), and every check of §3.1.3.7
//! before a word of it is believed.
//!
//! Written on *ring*, which signs statements here too: what there is ready-made brings a second calendar and some sixty
//! crates with it. Only public-key signatures can be named at all, so neither `none` nor a secret in the place of a key
//! can pass.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;
use vestibule_protocol::{account::Email, event::Name, timestamp::Timestamp};

use crate::limits;

/// The keys that a provider publishes (RFC 7517). Those of kinds that are not known here are left out.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    for_use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What the token must say to be for us, here and now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// Who signed in, by the provider's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claims {
    /// The provider's name for the person, which never changes and is never given to another.
    pub(super) subject: String,
    /// What else it says; absent where it says it at another place.
    pub(super) profile: Profile,
}

/// What a provider says of a person beside who it is, in the token or where it is asked for more.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Profile {
    email: Option<String>,
    #[serde(default)]
    email_verified: Verified,
    name: Option<String>,
}

/// Whether the provider has seen that the address is the person's. Some say it as a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Verified {
    Said(bool),
    Written(String),
    #[default]
    Unsaid,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Untrusted {
    #[error("it is no signed token")]
    Malformed,
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    #[error("it is signed with a key that the provider does not publish")]
    UnknownKey,
    #[error("its signature does not fit")]
    Signature,
    #[error("another provider issued it")]
    OtherIssuer,
    #[error("it is for another program")]
    OtherAudience,
    #[error("it has run out, or is of the future")]
    OutOfTime,
    #[error("it answers another sign-in")]
    OtherNonce,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    #[serde(flatten)]
    profile: Profile,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Believes a token, or says why not.
///
/// # Errors
/// [`Untrusted`]; after [`Untrusted::UnknownKey`] the provider may have other keys by now.
pub(super) fn check(token: &str, keys: &KeySet, expected: Expected<'_>) -> Result<Claims, Untrusted> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Untrusted::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(Untrusted::Malformed)?;
    let header: Header = read(header)?;
    if header.crit.is_some() {
        return Err(Untrusted::Algorithm);
    }
    let scheme = Scheme::named(&header.alg).ok_or(Untrusted::Algorithm)?;
    let signature = BASE64.decode(signature).map_err(|_| Untrusted::Malformed)?;
    let mut fitting = keys.keys.iter().filter(|key| key.fits(&header, scheme)).peekable();
    if fitting.peek().is_none() {
        return Err(Untrusted::UnknownKey);
    }
    if !fitting.any(|key| scheme.verifies(key, signed.as_bytes(), &signature)) {
        return Err(Untrusted::Signature);
    }
    let Payload { iss, sub, aud, azp, exp, iat, nonce, profile } = read(payload)?;
    if iss != expected.issuer {
        return Err(Untrusted::OtherIssuer);
    }
    let ours = |audience: &String| audience == expected.client_id;
    let is_for_us = match &aud {
        Audience::One(audience) => ours(audience),
        // Nobody else is trusted to hold a token that opens something here.
        Audience::Several(audiences) => !audiences.is_empty() && audiences.iter().all(ours),
    };
    if !is_for_us || azp.as_ref().is_some_and(|azp| !ours(azp)) {
        return Err(Untrusted::OtherAudience);
    }
    let now_s = expected.now.unix_ms() as f64 / 1_000.0;
    let leeway_s = limits::PROVIDER_CLOCK_MS as f64 / 1_000.0;
    if !(exp + leeway_s > now_s && iat - leeway_s < now_s) {
        return Err(Untrusted::OutOfTime);
    }
    if nonce.as_deref() != Some(expected.nonce) {
        return Err(Untrusted::OtherNonce);
    }
    if sub.is_empty() || sub.len() > limits::PROVIDER_SUBJECT_MAX_BYTES {
        return Err(Untrusted::Malformed);
    }
    Ok(Claims { subject: sub, profile })
}

fn read<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Untrusted> {
    let bytes = BASE64.decode(part).map_err(|_| Untrusted::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Untrusted::Malformed)
}

impl Profile {
    /// The person's e-mail address, if they have one that can be one.
    pub(super) fn email(&self) -> Option<Email> {
        Email::new(self.email.as_deref()?).ok()
    }

    /// Whether the provider vouches for the address.
    pub(super) fn is_verified(&self) -> bool {
        match &self.email_verified {
            Verified::Said(is_verified) => *is_verified,
            Verified::Written(text) => text == "true",
            Verified::Unsaid => false,
        }
    }

    /// As they are called.
    pub(super) fn name(&self) -> Option<Name> {
        Name::new(self.name.as_deref()?).ok()
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("email_verified", &self.email_verified).finish_non_exhaustive()
    }
}

/// A way to sign with a key pair (RFC 7518 §3.1, RFC 8037): those that OpenID providers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl Scheme {
    fn named(alg: &str) -> Option<Self> {
        Some(match alg {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }

    /// What kind of key it takes, and on which curve.
    const fn kind(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => ("RSA", None),
            Self::Es256 => ("EC", Some("P-256")),
            Self::Es384 => ("EC", Some("P-384")),
            Self::EdDsa => ("OKP", Some("Ed25519")),
        }
    }

    fn verifies(self, key: &Key, message: &[u8], signature: &[u8]) -> bool {
        let curve = |algorithm: &'static dyn VerificationAlgorithm, public: Option<Vec<u8>>| {
            public.is_some_and(|public| UnparsedPublicKey::new(algorithm, public).verify(message, signature).is_ok())
        };
        let parameters = match self {
            Self::Es256 => return curve(&signature::ECDSA_P256_SHA256_FIXED, key.point()),
            Self::Es384 => return curve(&signature::ECDSA_P384_SHA384_FIXED, key.point()),
            Self::EdDsa => return curve(&signature::ED25519, bytes(key.x.as_deref())),
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        };
        let (Some(n), Some(e)) = (bytes(key.n.as_deref()), bytes(key.e.as_deref())) else { return false };
        RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
    }
}

impl Key {
    fn fits(&self, header: &Header, scheme: Scheme) -> bool {
        let (kty, crv) = scheme.kind();
        self.kty == kty
            && (crv.is_none() || self.crv.as_deref() == crv)
            && self.for_use.as_deref().is_none_or(|for_use| for_use == "sig")
            && self.alg.as_ref().is_none_or(|alg| *alg == header.alg)
            && (header.kid.is_none() || self.kid == header.kid)
    }

    /// A point of a curve, not compressed (SEC 1 §2.3.3).
    fn point(&self) -> Option<Vec<u8>> {
        let (x, y) = (bytes(self.x.as_deref())?, bytes(self.y.as_deref())?);
        Some([&[4], x.as_slice(), y.as_slice()].concat())
    }
}

fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    BASE64.decode(text?).ok()
}

#[cfg(test)]
mod tests {
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
    };
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);
    const EXPECTED: Expected<'_> =
        Expected { issuer: "https://id.example", client_id: "vestibule", nonce: "once", now: NOW };

    fn payload() -> Value {
        json!({
            "iss": "https://id.example", "sub": "248289761001", "aud": "vestibule", "nonce": "once",
            "exp": 1_800_000_600, "iat": 1_800_000_000, "email": "grace@example.com", "email_verified": true,
            "name": "Grace Hopper",
        })
    }

    fn pair() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
    }

    fn keys() -> KeySet {
        let x = BASE64.encode(pair().public_key());
        set(&json!([
            {"kty": "RSA", "kid": "other", "n": "AQAB", "e": "AQAB"},
            {"kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig", "x": x},
        ]))
    }

    fn set(keys: &Value) -> KeySet {
        serde_json::from_value(json!({"keys": keys})).unwrap()
    }

    fn said(header: &Value, payload: &Value) -> String {
        format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(payload.to_string()))
    }

    fn token(header: &Value, payload: &Value) -> String {
        let said = said(header, payload);
        format!("{said}.{}", BASE64.encode(pair().sign(said.as_bytes())))
    }

    fn good(payload: &Value) -> String {
        token(&json!({"alg": "EdDSA", "kid": "one"}), payload)
    }

    #[test]
    fn a_token_that_is_for_us_says_who_it_is() {
        let claims = check(&good(&payload()), &keys(), EXPECTED).unwrap();
        assert_eq!(claims.subject, "248289761001");
        assert_eq!(claims.profile.email(), Some(Email::new("grace@example.com").unwrap()));
        assert!(claims.profile.is_verified());
        assert_eq!(claims.profile.name(), Some(Name::new("Grace Hopper").unwrap()));
    }

    #[rstest]
    #[case::issuer(&[("iss", json!("https://id.example/"))], Untrusted::OtherIssuer)]
    #[case::audience(&[("aud", json!("another"))], Untrusted::OtherAudience)]
    #[case::no_audience(&[("aud", json!([]))], Untrusted::OtherAudience)]
    #[case::one_audience_too_many(&[("aud", json!(["vestibule", "another"]))], Untrusted::OtherAudience)]
    #[case::party(&[("azp", json!("another"))], Untrusted::OtherAudience)]
    #[case::run_out(&[("exp", json!(1_799_999_000))], Untrusted::OutOfTime)]
    #[case::of_the_future(&[("iat", json!(1_800_001_000))], Untrusted::OutOfTime)]
    #[case::nonce(&[("nonce", json!("twice"))], Untrusted::OtherNonce)]
    #[case::no_nonce(&[("nonce", Value::Null)], Untrusted::OtherNonce)]
    #[case::nobody(&[("sub", json!(""))], Untrusted::Malformed)]
    fn one_that_is_not_is_not_believed(#[case] changes: &[(&str, Value)], #[case] why: Untrusted) {
        let mut payload = payload();
        for (name, value) in changes {
            payload[*name] = value.clone();
        }
        assert_eq!(check(&good(&payload), &keys(), EXPECTED), Err(why));
    }

    #[rstest]
    #[case::none(json!({"alg": "none"}), Untrusted::Algorithm)]
    #[case::a_secret_for_a_key(json!({"alg": "HS256", "kid": "one"}), Untrusted::Algorithm)]
    #[case::an_extension(json!({"alg": "EdDSA", "kid": "one", "crit": ["exp"]}), Untrusted::Algorithm)]
    #[case::a_key_of_another_kind(json!({"alg": "RS256", "kid": "one"}), Untrusted::UnknownKey)]
    #[case::a_key_that_is_gone(json!({"alg": "EdDSA", "kid": "two"}), Untrusted::UnknownKey)]
    #[case::a_key_that_did_not_sign(json!({"alg": "RS256", "kid": "other"}), Untrusted::Signature)]
    fn only_published_keys_sign_and_only_as_they_are_meant_to(#[case] header: Value, #[case] why: Untrusted) {
        assert_eq!(check(&token(&header, &payload()), &keys(), EXPECTED), Err(why));
    }

    #[test]
    fn a_changed_token_is_not_believed() {
        let good = good(&payload());
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let mut other = payload();
        other["email"] = json!("mallory@example.com");
        let header = json!({"alg": "EdDSA", "kid": "one"});
        let forged = format!("{}.{signature}", said(&header, &other));
        assert_eq!(check(&forged, &keys(), EXPECTED), Err(Untrusted::Signature));
        assert_eq!(check(&format!("{signed}."), &keys(), EXPECTED), Err(Untrusted::Signature));
        for nonsense in ["", ".", "..", "a.b", "a.b.c", "é.é.é"] {
            assert_eq!(check(nonsense, &keys(), EXPECTED), Err(Untrusted::Malformed), "{nonsense}");
        }
    }

    #[test]
    fn a_curve_of_nist_signs_too() {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let keys =
            set(&json!([{"kty": "EC", "crv": "P-256", "alg": "ES256", "x": BASE64.encode(x), "y": BASE64.encode(y)}]));
        let said = said(&json!({"alg": "ES256"}), &payload());
        let token = format!("{said}.{}", BASE64.encode(pair.sign(&random, said.as_bytes()).unwrap()));
        assert!(check(&token, &keys, EXPECTED).is_ok());
    }

    #[rstest]
    #[case(json!({"email_verified": "true"}), true)]
    #[case(json!({"email_verified": "false"}), false)]
    #[case(json!({"email_verified": false}), false)]
    #[case(json!({}), false)]
    fn an_address_counts_only_if_the_provider_vouches_for_it(#[case] profile: Value, #[case] is_verified: bool) {
        assert_eq!(serde_json::from_value::<Profile>(profile).unwrap().is_verified(), is_verified);
    }
}
