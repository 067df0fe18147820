//! What the document says of every operation alike: by what one shows who asks, and how a request can fail.

use utoipa::{
    Modify,
    openapi::{
        ContentBuilder, Object, ObjectBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Type,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use vestibule_protocol::problem::MEDIA_TYPE;

use crate::access::session::COOKIE;

/// How any request can fail, whatever it asks for. What else an operation refuses, it says itself.
const EVERYWHERE: [(&str, &str); 9] = [
    ("400", "`malformed_body`: the query or the body can't be understood"),
    ("401", "`unauthenticated`: nothing was shown that holds"),
    ("403", "`forbidden`, `other_site`, `device_revoked`, `foreign_origin`: known, and not allowed"),
    ("404", "`not_found`"),
    ("408", "`too_slow`: the body did not arrive in time"),
    ("413", "`too_large`"),
    ("415", "`unsupported_media_type`"),
    ("429", "`too_many_requests`: wait as `Retry-After` says"),
    ("503", "`busy`, or why nothing can be written at the moment: wait as `Retry-After` says, then send it again"),
];

/// Adds it to the document.
pub(super) struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.schemas.insert("Problem".to_owned(), problem().into());
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key (`vk_…`), or a device's token (`vd_…`)"))
            .build();
        let session = ApiKeyValue::with_description(COOKIE, "The session of somebody who is signed in");
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        for item in document.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                complete(operation);
            }
        }
    }
}

fn complete(operation: &mut Operation) {
    let either = ["token", "session"].map(|name| SecurityRequirement::new(name, [] as [&str; 0]));
    operation.security = Some(either.to_vec());
    let responses = &mut operation.responses.responses;
    for (status, description) in EVERYWHERE {
        let response = ResponseBuilder::new().description(description).build();
        responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            response.content.entry(MEDIA_TYPE.to_owned()).or_insert_with(|| content.into());
        }
    }
}

/// As [`vestibule_protocol::problem::Problem`] is written.
fn problem() -> Object {
    let text =
        |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description)).build();
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("RFC 9457"))
        .property(
            "status",
            ObjectBuilder::new().schema_type(Type::Integer).description(Some("The HTTP status")).build(),
        )
        .property("code", text("Which problem, for programs: never changes"))
        .property("title", text("What went wrong, in a few words"))
        .property("detail", text("What to do about it, this time"))
        .required("status")
        .required("code")
        .required("title")
        .build()
}
