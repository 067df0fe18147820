//! `backup`, `restore`, `verify`, `verify-statement`.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::Path,
};

use vestibule_protocol::statement::Tally;

use super::CliError;
use crate::{
    backup::{self, Access, Restored},
    clock,
    statement::signature::{Checked, Signed},
    store,
    verify::{self, AtWork, Progress, Word},
};

pub(super) fn backup(data: &Path, file: &Path) -> Result<(), CliError> {
    let contents = backup::make(data, file, clock::now(), &mut |word| show(&word))?;
    println!("{}: {} events of {} streams, read back and whole", file.display(), contents.events, contents.streams);
    Ok(())
}

pub(super) fn restore(data: &Path, file: &Path) -> Result<(), CliError> {
    let Restored { contents, aside, access } = backup::restore(data, file, clock::now(), &mut |word| show(&word))?;
    println!(
        "restored {} events of {} streams; the devices will send what is newer",
        contents.events, contents.streams
    );
    if let Some(aside) = &aside {
        println!("the database that was there is kept as {}", aside.display());
    }
    match (access, aside) {
        (Access::Replaced, _) => println!("devices, accounts and hosts are as they were in it"),
        (Access::Backup, Some(_)) => println!(
            "devices, accounts and hosts are as they were in the backup, for that database can't be read or is another's: \
             pair again what was enrolled since, and revoke again what was revoked since"
        ),
        (Access::Backup, None) => {}
    }
    Ok(())
}

pub(super) fn verify(data: &Path, mend: Mend) -> Result<(), CliError> {
    let mut connection = store::connect_to_existing(data)?;
    let mut differences = 0;
    let mut hear = |word: Word| {
        show(&word);
        if let Word::Difference(difference) = &word {
            differences += 1;
            println!("{difference}");
        }
    };
    match mend {
        Mend::Nothing => verify::everything(&mut connection, &mut hear)?,
        Mend::Projection => {
            verify::ledger_and_file(&mut connection, &mut hear)?;
            // The ledger's differences stay, and decide the exit status; the projection's are gone afterwards.
            let beyond_repair = differences;
            let mut rebuilt = 0;
            verify::repair(&mut connection, &mut |word| {
                show(&word);
                if let Word::Difference(difference) = &word {
                    rebuilt += 1;
                    println!("{difference}: rebuilt");
                }
            })?;
            println!("{rebuilt} visits rebuilt from the ledger");
            return if beyond_repair == 0 { Ok(()) } else { Err(CliError::Differences(beyond_repair)) };
        }
    }
    if differences == 0 {
        println!("everything is as the devices sent it");
        Ok(())
    } else {
        Err(CliError::Differences(differences))
    }
}

/// What nobody who can sign would write is not printed as if it were checked: everything shown comes from the payload.
pub(super) fn verify_statement(file: &Path, key: Option<&str>) -> Result<(), CliError> {
    let Checked { statement, key: signer } = Signed::check(&fs::read(file)?)?;
    let found = signer.thumbprint();
    if key.is_some_and(|key| key != found) {
        return Err(CliError::OtherKey { found });
    }
    let Tally { captured, delivered, waiting, .. } = statement.total;
    let from = statement.from.map_or_else(|| "the beginning".to_owned(), |from| from.to_string());
    println!("{}, from {from} to {}", statement.site.name, statement.to);
    println!(
        "{captured} captured = {delivered} delivered + {waiting} waiting + {} needing attention",
        statement.total.needs_attention()
    );
    for device in &statement.devices {
        let Tally { captured, delivered, .. } = device.tally;
        let proof = device.proof.map_or_else(
            || "not proven yet".to_owned(),
            |proof| format!("proven by chain up to {} at {}", proof.seq, proof.at),
        );
        println!("  {}: {delivered} of {captured} delivered; {proof}", device.name);
    }
    println!("as of {}, signed by the key {found}", statement.as_of);
    Ok(())
}

/// What `verify` may change.
pub(super) enum Mend {
    Nothing,
    Projection,
}

/// A line that is written over itself; for people only.
fn show(word: &Word) {
    let mut screen = io::stderr().lock();
    if !screen.is_terminal() {
        return;
    }
    // Who can't see it loses nothing.
    drop(screen.write_all(line(word).as_bytes()).and_then(|()| screen.flush()));
}

/// What is written for a word, over what was there.
fn line(word: &Word) -> String {
    /// Places of the bar.
    const WIDTH: u64 = 30;
    /// To the beginning of the line, and it empty (ECMA-48 §8.3.41).
    const OVER: &str = "\r\x1b[K";
    let (stage, done, total) = match word {
        Word::Progress(Progress { stage, done, total }) => (stage, done, total),
        Word::AtWork(AtWork { stage, what, for_s }) => return format!("{OVER}{stage:<12}{what}, for {for_s} s so far"),
        // It is printed as a line of its own.
        Word::Difference(_) => return OVER.to_owned(),
    };
    let filled = (done * WIDTH).checked_div(*total).unwrap_or(WIDTH);
    let bar: String = (0..WIDTH).map(|place| if place < filled { '█' } else { '░' }).collect();
    let end = if done == total { "\n" } else { "" };
    format!("{OVER}{stage:<12}{bar} {done} of {total}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_says_how_far_it_is_or_for_how_long_it_has_been_at_what() {
        let half = line(&Word::Progress(Progress { stage: "events", done: 1, total: 2 }));
        assert_eq!(half, format!("\r\x1b[Kevents      {}{} 1 of 2", "█".repeat(15), "░".repeat(15)));
        let whole = line(&Word::Progress(Progress { stage: "slots", done: 0, total: 0 }));
        assert!(whole.ends_with("█ 0 of 0\n"), "{whole}");
        let at_work = line(&Word::AtWork(AtWork { stage: "file", what: "SQLite reads every page", for_s: 12 }));
        assert_eq!(at_work, "\r\x1b[Kfile        SQLite reads every page, for 12 s so far");
    }
}
