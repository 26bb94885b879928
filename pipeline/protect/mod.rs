//! Disclosure protection.
