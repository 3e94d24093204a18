//! `api.json`: the one list of names that every host exports.
//!
//! Not here: what hosts show of its texts (`docs.rs`).

mod support {
    pub mod api;
}

use isofold::Code;
use isofold_facade::json::Json;
use std::collections::HashSet;
use support::api::{api, get, items, text};

#[track_caller]
fn is_sentence(text: &str) {
    assert!(text.starts_with(|c: char| c.is_uppercase()) && text.ends_with('.'), "{text}");
    assert!(!text.contains('"') && text.len() < 300, "{text}");
}

#[test]
fn every_name_has_one_spelling_per_host_and_one_sentence() {
    let api = api();
    for host in ["python", "js"] {
        let mut exported = HashSet::new();
        for entry in items(&api, "classes").iter().chain(items(&api, "values")) {
            is_sentence(text(entry, "doc"));
            if let Json::Text(name) = get(entry, host) {
                assert!(exported.insert(name.clone()), "{name} twice in {host}");
            }
        }
        for class in items(&api, "classes") {
            let mut names = HashSet::new();
            for member in items(class, "members") {
                if let Json::Text(name) = get(member, host) {
                    assert!(names.insert(name.clone()), "{name} twice in {} of {host}", text(class, "name"));
                }
            }
        }
    }
}

#[test]
fn every_member_says_what_it_takes_and_which_errors_it_raises() {
    let kinds = ["constructor", "static", "method", "property"];
    let codes: HashSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let areas: HashSet<&str> = codes.iter().filter_map(|code| code.split('.').next()).collect();
    let api = api();
    let stores = get(&api, "stores");
    let classes = items(&api, "classes").iter().chain(items(stores, "classes"));
    for member in classes.flat_map(|class| items(class, "members")) {
        is_sentence(text(member, "doc"));
        assert!(kinds.contains(&text(member, "kind")), "{member}");
        let Json::Object(params) = get(member, "params") else { panic!("{member}") };
        for (name, doc) in params {
            let Json::Text(doc) = doc else { panic!("{name} of {member}") };
            is_sentence(doc);
        }
        for error in items(member, "errors") {
            let Json::Text(error) = error else { panic!("{member}") };
            let known = error.strip_suffix(".*").map_or(codes.contains(error.as_str()), |area| areas.contains(area));
            assert!(known, "{error} is no code");
        }
    }
}

#[test]
fn every_area_of_codes_has_an_exception() {
    let api = api();
    for code in Code::ALL {
        let area = code.as_str().split('.').next().expect("an area");
        assert!(matches!(get(get(&api, "python_exceptions"), area), Json::Text(_)), "{area}");
    }
}
