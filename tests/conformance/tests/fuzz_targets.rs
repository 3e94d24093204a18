//! The fuzz targets over their seeds, and over the seeds cut, flipped and joined: what stays of fuzzing on a stable
//! compiler and in seconds.

use isofold_conformance::fuzz::{run, TARGETS};
use isofold_conformance::random::Random;
use std::collections::BTreeSet;
use std::path::Path;

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(path)
}

#[test]
fn every_target_holds_over_its_seeds() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.len() > 20, "{} has {} seeds", target.name, seeds.len());
        seeds.iter().for_each(|seed| run(target.name, seed));
    }
}

#[test]
fn every_target_holds_over_damaged_seeds() {
    let mut random = Random::new(20_261_121);
    for target in TARGETS {
        let seeds = (target.seeds)();
        for _ in 0..400 {
            let mut input = seeds[random.below(seeds.len())].clone();
            let other = &seeds[random.below(seeds.len())];
            let place = random.below(input.len() + 1);
            match random.below(3) {
                0 => input.truncate(place),
                1 => {
                    let start = random.below(other.len() + 1);
                    input.truncate(place);
                    input.extend_from_slice(&other[start..]);
                }
                _ => {
                    if let Some(byte) = input.get_mut(place) {
                        *byte = random.below(256) as u8;
                    }
                }
            }
            run(target.name, &input);
        }
    }
}

#[test]
fn inputs_that_once_failed_hold() {
    for target in TARGETS {
        let Ok(files) = std::fs::read_dir(here("failed").join(target.name)) else { continue };
        for file in files {
            let path = file.expect("a file").path();
            run(target.name, &std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
}

#[test]
fn every_target_has_its_program() {
    let files =
        std::fs::read_dir(here("targets")).expect("tests/fuzz/targets").map(|file| file.expect("a file").path());
    let programs: BTreeSet<String> = files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(programs, names);
    let manifest = std::fs::read_to_string(here("Cargo.toml")).expect("tests/fuzz/Cargo.toml");
    assert!(names.iter().all(|name| manifest.contains(&format!("path = \"targets/{name}.rs\""))));
}
