//! `gap list`, `gap settle`.

use std::path::Path;

use super::CliError;
use crate::{clock, gap, store};

pub(super) fn list(data: &Path) -> Result<(), CliError> {
    let gaps = gap::unsettled(&store::connect_to_existing(data)?)?;
    if gaps.is_empty() {
        println!("everything that the devices told of is held");
    }
    for gap in gaps {
        let what = if gap.first == gap.last {
            format!("event {}", gap.last)
        } else {
            format!("some of the events {} to {}", gap.first, gap.last)
        };
        let state = gap.broken_at.map_or_else(
            || "may still come".to_owned(),
            |at| format!("gone, as turned out at {at}: their numbers were given to others"),
        );
        println!("{}: {}, stream {}: {what}, told of at {}: {state}", gap.number, gap.device, gap.stream, gap.told_at);
    }
    Ok(())
}

pub(super) fn settle(data: &Path, number: i64) -> Result<(), CliError> {
    let connection = store::connect_to_existing(data)?;
    if gap::settle(&connection, number, clock::now())? { Ok(()) } else { Err(CliError::NoSuchGap(number)) }
}
