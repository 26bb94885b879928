mod cli;
mod contracts;
mod ingest;
mod leak;
mod reference;
mod spec;
mod support;
mod warehouse;
