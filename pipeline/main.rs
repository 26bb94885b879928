//! The program: arguments in, exit code out.

use clap::Parser;
use pipeline::command::{Arguments, carry_out};
use pipeline::talk;
use std::error::Error as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match carry_out(Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            talk::line(&format!("error: failed to {error}"));
            let mut source = error.source();
            while let Some(cause) = source {
                talk::line(&format!("  because {cause}"));
                source = cause.source();
            }
            if let Some(hint) = error.hint() {
                talk::line(&format!("hint: {hint}"));
            }
            ExitCode::from(error.exit_code())
        }
    }
}
