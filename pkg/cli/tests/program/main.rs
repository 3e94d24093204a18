//! The program as people run it.

mod fold;
mod guide;
mod store;
mod suggest;
mod support;
