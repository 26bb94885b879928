//! The program: arguments in, exit code out.

use clap::Parser;
use pipeline::command::{Arguments, carry_out};
use std::error::Error as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match carry_out(Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: failed to {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because {cause}");
                source = cause.source();
            }
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}
