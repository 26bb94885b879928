mod reference;
mod spec;
mod support;
mod warehouse;
