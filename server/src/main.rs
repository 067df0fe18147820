//! The `vestibule` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    match vestibule::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vestibule: {error}");
            ExitCode::FAILURE
        }
    }
}
