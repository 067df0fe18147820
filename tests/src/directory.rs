//! A company with as many hosts as one likes.

use rusqlite::TransactionBehavior;
use vestibule::{clock, site, store};
use vestibule_protocol::event::Name;

use crate::server::{DEMO_SITE, Server};

/// As they are called in an office somewhere in Europe, so that searches meet accents, letters of their own and names
/// that begin alike.
const FIRST: [&str; 50] = [
    "Agnieszka",
    "Aleksander",
    "Amélie",
    "Ana",
    "Anders",
    "André",
    "Anna",
    "Anneliese",
    "Béatrice",
    "Björn",
    "Carlos",
    "Chantal",
    "Chloé",
    "Clara",
    "Daniel",
    "Daniëlle",
    "Dieter",
    "Elżbieta",
    "Emma",
    "Élodie",
    "François",
    "Françoise",
    "Gabriel",
    "Günther",
    "Hanna",
    "Hannah",
    "Ingrid",
    "Jean-Luc",
    "Joaquín",
    "Johanna",
    "José",
    "Jürgen",
    "Katarzyna",
    "Lars",
    "Łukasz",
    "Małgorzata",
    "María",
    "Marie",
    "Martin",
    "Matthias",
    "Mohammed",
    "Nadia",
    "Noor",
    "Øyvind",
    "Paulo",
    "Renée",
    "Siobhán",
    "Søren",
    "Tomáš",
    "Zoë",
];
const LAST: [&str; 50] = [
    "Andersen",
    "Andersson",
    "Baumgartner",
    "Bakker",
    "Bergström",
    "Böhm",
    "Castillo",
    "Christensen",
    "Çelik",
    "D’Angelo",
    "De Smet",
    "De Vries",
    "Dubois",
    "Dvořák",
    "El Amrani",
    "Fernández",
    "García",
    "Groß",
    "Hoffmann",
    "Høgh",
    "Ibáñez",
    "Jansen",
    "Janssens",
    "Jørgensen",
    "Kowalczyk",
    "Kowalski",
    "Lefèvre",
    "Lindqvist",
    "Löwe",
    "Martínez",
    "Meyer",
    "Müller",
    "Ní Bhriain",
    "Nowak",
    "Núñez",
    "O’Brien",
    "Östlund",
    "Papadopoulos",
    "Peeters",
    "Rossi",
    "Şahin",
    "Schäfer",
    "Schmidt",
    "Silva",
    "Straßer",
    "Van den Berg",
    "Vandenbroucke",
    "Weiß",
    "Wiśniewski",
    "Żukowski",
];
const DEPARTMENTS: [&str; 4] = ["Finance", "Research and development", "Legal", "Facilities"];

/// Adds so many hosts to the demo site, in one transaction beside the running server; no two are called the same, as
/// long as there are no more than 125,000.
///
/// # Panics
/// If the database does not take them.
pub fn add_hosts(server: &Server, count: usize) {
    let mut connection = store::connect(server.data()).expect("the server has made its database");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a turn");
    let name = |text: &str| Name::new(text).expect("a short name");
    let site = site::find(&transaction, &name(DEMO_SITE)).expect("the sites can be read").expect("the demo site");
    for number in 0..count {
        let (first, last, round) = (number % 50, number / 50 % 50, number / 2_500);
        let called = match round {
            0 => format!("{} {}", FIRST[first], LAST[last]),
            _ => format!("{} {}-{}", FIRST[first], LAST[last], LAST[(last + round) % 50]),
        };
        let department = name(DEPARTMENTS[number % DEPARTMENTS.len()]);
        site::add_host(&transaction, site, &name(&called), Some(&department), clock::now(), clock::entropy())
            .expect("the database takes it");
    }
    transaction.commit().expect("the disk takes it");
}
