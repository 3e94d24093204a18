//! The cases, a file a topic; each becomes one file of vectors.

mod buckets;
mod budgets;
mod caps;
mod damage;
mod decimals;
mod errors;
mod expressions;
pub(crate) mod queries;
mod states;
mod values;
mod verbs;

use crate::case::Case;

/// The cases of one file of vectors.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The name of the file, without its ending.
    pub name: &'static str,
    /// What the file is about.
    pub about: &'static str,
    /// The cases.
    pub cases: Vec<Case>,
}

/// Every topic.
#[must_use]
pub fn topics() -> Vec<Topic> {
    let topic = |name, about, cases| Topic { name, about, cases };
    vec![
        topic(
            "states",
            "Every aggregate and accessor over values that break naive ones, folded in two orders.",
            states::cases(),
        ),
        topic("values", "Which values fit each declared type, and what they become.", values::cases()),
        topic("decimals", "Exact numbers: what they are made of, and what they answer.", decimals::cases()),
        topic("buckets", "Every kind of bucket at times around its edges.", buckets::cases()),
        topic("expressions", "What expressions mean, and the one text of each.", expressions::cases()),
        topic(
            "verbs",
            "Merging, coarsening, slicing, replacing, pruning, encoding.",
            [verbs::cases(), vec![budgets::taken()]].concat(),
        ),
        topic("queries", "Everything a query can ask.", queries::cases()),
        topic("caps", "States past their caps: the same bytes in any order.", caps::cases()),
        topic(
            "errors",
            "Every error code, with its path and position.",
            [errors::cases(), decimals::refusals(), damage::cases(), budgets::refusals()].concat(),
        ),
    ]
}
