//! What every answer tells the browser about how far to trust what it carries.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::access::peer::Peer;

/// Scripts, styles and connections are our own and none is inline; wasm may be compiled, because the app is wasm.
/// Nothing can frame the app, and no form of it leads elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
     base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// A kiosk may come to read codes with its camera; nothing here needs any other sense.
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(), geolocation=(), accelerometer=(), gyroscope=(), \
     magnetometer=(), midi=(), payment=(), usb=(), serial=(), bluetooth=(), hid=(), display-capture=(), \
     screen-wake-lock=(self)";

/// For a year, this name is https only. Without sub-domains: they may be other people's machines.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // The address of a page tells other sites nothing; our own need it to know their origin.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds them to those of an answer to `peer`.
pub(crate) fn tell(headers: &mut HeaderMap, peer: &Peer) {
    headers.reserve(ALWAYS.len() + 1);
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Over plain http a browser ignores it, and a proxy might not.
    if peer.is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT_SECURITY));
    }
}
