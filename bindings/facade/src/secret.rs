//! The secret under which the tables of this process hash, so that nobody who sends keys can choose where they lie.
//!
//! The one idea: every door of the facade draws it before the kernel makes its first table, so no host can forget to.
//! WebAssembly has no random source of its own: its binding hands words in before anything else.

use isofold::secret::Secret;

/// The secret of the process, drawn when it is first asked for.
#[cfg(not(target_arch = "wasm32"))]
pub fn drawn() -> Secret {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::Once;

    static DRAWN: Once = Once::new();
    DRAWN.call_once(|| {
        // the keys of std's own tables, which the system's random source gave
        let word = || RandomState::new().hash_one(());
        isofold::secret::set([word(), word()]);
    });
    Secret::of_process()
}

/// The secret of the module.
#[cfg(target_arch = "wasm32")]
pub fn drawn() -> Secret {
    Secret::of_process()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_rollup_is_made_under_a_secret_of_the_system() {
        let spec = r#"{"name": "r", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 hour", "select": {"n": "count(*)"}}"#;
        crate::Rollup::new(spec).expect("a spec");
        assert!(!isofold::secret::set([1, 2]), "it was drawn");
    }
}
