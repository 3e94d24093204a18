//! The committed vectors in Rust: fresh, met, complete, and right by a model that shares no code with the kernel.

use isofold::spec::AGGREGATES;
use isofold::Code;
use isofold_conformance::oracle::judge;
use isofold_conformance::run::{field, items, optional, text};
use isofold_conformance::vectors::{committed, failures, folder, generated, is_for_rust};
use isofold_facade::json::Json;
use std::collections::BTreeSet;

/// Codes that only a host raises: the runners of the npm package do, the others the tests of the facade and of hosts.
const OF_HOSTS: [Code; 7] = [
    Code::IngestRow,
    Code::HostInit,
    Code::HostBackend,
    Code::HostFreed,
    Code::HostInterrupted,
    Code::HostPanic,
    Code::LimitMemory,
];

/// What needs a database: the tests of stores raise these codes.
const OF_STORES: [&str; 3] = ["catalog.", "refresh.", "store."];

#[test]
fn the_files_are_what_the_generator_writes() {
    for (name, text) in generated() {
        let committed = std::fs::read_to_string(folder().join(&name)).unwrap_or_default();
        assert!(
            committed == text,
            "{name} is stale: cargo run -p isofold-conformance -- generate, and look at what changed"
        );
    }
}

#[test]
fn every_step_comes_out_as_written() {
    let failures: Vec<String> =
        committed().iter().filter(|(_, case)| is_for_rust(case)).flat_map(|(_, case)| failures(case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn rollups_that_must_be_the_same_are() {
    for (_, case) in committed() {
        for step in items(field(&case, "steps")) {
            let same = optional(step, "same").is_none_or(|same| *same == Json::Bool(true));
            assert!(same, "{}: {step}", text(&case, "name"));
        }
    }
}

#[test]
fn every_code_is_raised_by_a_vector() {
    let mut raised = BTreeSet::new();
    for (_, case) in committed() {
        for step in items(field(&case, "steps")) {
            let told = ["error", "warnings"].into_iter().filter_map(|key| optional(step, key));
            let problems = told.flat_map(items);
            raised.extend(problems.map(|problem| text(problem, "code").to_owned()));
        }
    }
    let elsewhere =
        |code: &Code| OF_HOSTS.contains(code) || OF_STORES.iter().any(|area| code.as_str().starts_with(area));
    let missing: Vec<&Code> =
        Code::ALL.iter().filter(|code| !elsewhere(code) && !raised.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "no vector raises {missing:?}");
}

#[test]
fn every_aggregate_and_accessor_stands_in_a_vector() {
    let answered: Vec<String> = committed()
        .iter()
        .filter(|(topic, case)| topic == "states" && field(case, "steps").to_string().contains("\"columns\""))
        .map(|(_, case)| case.to_string())
        .collect();
    let missing: Vec<&&str> =
        AGGREGATES.iter().filter(|name| !answered.iter().any(|case| case.contains(&format!("{name}(")))).collect();
    assert!(missing.is_empty(), "no vector answers {missing:?}");
}

#[test]
fn errors_stand_in_the_topic_of_errors_alone() {
    for (topic, case) in committed().iter().filter(|(topic, _)| topic != "errors") {
        let refused = items(field(case, "steps")).iter().find(|step| optional(step, "error").is_some());
        assert!(refused.is_none(), "{topic}/{}: {refused:?}", text(case, "name"));
    }
}

#[test]
fn names_of_cases_are_distinct() {
    let mut seen = BTreeSet::new();
    for (_, case) in committed() {
        assert!(seen.insert(text(&case, "name").to_owned()), "{} stands twice", text(&case, "name"));
    }
}

#[test]
fn exact_answers_equal_those_of_the_reference_model() {
    let mut compared = 0;
    let mut differences = Vec::new();
    for (_, case) in committed() {
        let verdict = judge(&case);
        compared += verdict.compared;
        differences.extend(verdict.differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(compared > 1200, "only {compared} answers were compared");
}

#[test]
fn every_error_of_an_operation_is_in_its_documentation() {
    let path = folder().join("../../bindings/facade/api.json");
    let api: Json = Json::from_text(&std::fs::read_to_string(path).expect("api.json")).expect("JSON");
    let rollup = items(field(&api, "classes")).iter().find(|class| text(class, "name") == "Rollup").expect("Rollup");
    let told = |operation: &str, code: &str| {
        let member = items(field(rollup, "members")).iter().find(|member| text(member, "name") == operation);
        let area = format!("{}.*", code.split('.').next().unwrap_or_default());
        let errors = items(field(member.unwrap_or_else(|| panic!("{operation} is no operation")), "errors"));
        errors.contains(&Json::from(code)) || errors.contains(&Json::from(area.as_str()))
    };
    for (_, case) in committed() {
        for step in items(field(&case, "steps")) {
            let operation = match text(step, "do") {
                "merge_bytes" => "merge",
                operation => operation,
            };
            for error in optional(step, "error").map_or(&[][..], |error| items(error)) {
                let code = text(error, "code");
                assert!(told(operation, code), "{operation} raises {code} in {}", text(&case, "name"));
            }
        }
    }
}
