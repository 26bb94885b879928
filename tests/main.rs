mod contracts;
mod ingest;
mod reference;
mod spec;
mod support;
mod warehouse;
