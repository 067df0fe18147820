//! A morning at the demo site: who came, who has gone, who is expected.

use vestibule_protocol::{
    account::Credentials,
    details::Details,
    event::{CheckedIn, CheckedOut, EventData, Host, Name, Registered, Visitor},
    id::HostId,
    timestamp::Timestamp,
};

use crate::{lobby::Lobby, people::now, server::Server};

/// Sends what another kiosk recorded this morning.
/// # Panics
/// If the server does not take it.
pub async fn spend_a_morning(server: &Server, device: &Credentials) {
    let mut lobby = Lobby::new(device.clone());
    let visitors = [
        ("Ada Lovelace", "Analytical Engines", "Amara Okafor", 150),
        ("Mary Somerville", "Royal Society", "Yuki Tanaka", 95),
        (
            "Maximiliane Wolfeschlegelsteinhausenbergerdorff",
            "Donaudampfschifffahrtsgesellschaft mbH",
            "Jürgen Groß",
            61,
        ),
        ("محمد بن موسى الخوارزمي", "بيت الحكمة", "Amara Okafor", 44),
        ("Katherine Johnson", "Langley", "Sofía Álvarez", 20),
        ("Hedy Lamarr", "", "Yuki Tanaka", 3),
    ];
    for (number, (name, company, host, minutes_ago)) in visitors.into_iter().enumerate() {
        let visit = Lobby::visit(number);
        lobby.record(
            visit,
            minutes_ago,
            EventData::CheckedIn(CheckedIn {
                visitor: visitor(name, company),
                host: host_named(host),
                details: Details::default(),
            }),
        );
    }
    let gone = Lobby::visit(0);
    lobby.record(gone, 12, EventData::CheckedOut(CheckedOut {}));
    for (number, (name, company, host, in_minutes)) in [
        ("Sophie Germain", "École Polytechnique", "Sofía Álvarez", 25),
        ("Srinivasa Ramanujan", "Trinity College", "Jürgen Groß", 70),
        ("Grace Hopper", "Navy", "Amara Okafor", 190),
    ]
    .into_iter()
    .enumerate()
    {
        let visit = Lobby::visit(100 + number);
        let expected_at = now().plus_ms(in_minutes * MINUTE_MS);
        let registered = Registered {
            visitor: visitor(name, company),
            host: host_named(host),
            expected_at,
            details: Details::default(),
        };
        lobby.record(visit, 200, EventData::Registered(registered));
    }
    lobby.deliver(server).await;
}

const MINUTE_MS: i64 = 60_000;

fn visitor(name: &str, company: &str) -> Visitor {
    let name = Name::new(name).expect("a short name");
    Visitor { name, company: Name::new(company).ok(), email: None, phone: None }
}

fn host_named(name: &str) -> Option<Host> {
    let id = HostId::new(Timestamp::from_unix_ms(0), entropy(name.len()));
    Some(Host { id, name: Name::new(name).expect("a short name") })
}

fn entropy(number: usize) -> [u8; 10] {
    [u8::try_from(number).expect("a small number"); 10]
}
