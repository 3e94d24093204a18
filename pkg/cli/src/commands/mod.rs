//! What each command does.

mod files;
mod fold;
mod metrics;
mod query;
mod run;
mod store;
mod suggest;

use crate::arguments::{Cli, Command};
use crate::problem::Result;
use clap::CommandFactory;
use std::io;

/// Runs a command and gives its exit code.
///
/// **Errors** whatever ends it.
pub fn run(cli: Cli) -> Result {
    match cli.command {
        Command::Fold(options) => fold::run(&options),
        Command::Query(options) => query::run(&options),
        Command::Merge(options) => files::merge(&options),
        Command::Inspect(options) => files::inspect(&options),
        Command::Suggest(options) => suggest::run(&options),
        Command::Init(options) => store::init(&options),
        Command::Refresh(options) => store::refresh(&options),
        Command::Plan(options) => store::plan(&options),
        Command::Check(options) => store::check(&options),
        Command::Invalidate(options) => store::invalidate(&options),
        Command::Prune(options) => store::prune(&options),
        Command::Reset(options) => store::reset(&options),
        Command::Drop(options) => store::drop(&options),
        Command::Runs(options) => store::runs(&options),
        Command::Export(options) => store::export(&options),
        Command::Run(options) => run::run(&options),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "isofold", &mut io::stdout());
            Ok(0)
        }
        Command::Man => {
            let page = clap_mangen::Man::new(Cli::command());
            page.render(&mut io::stdout()).map_err(|error| crate::problem::of_output(&error))?;
            Ok(0)
        }
    }
}
