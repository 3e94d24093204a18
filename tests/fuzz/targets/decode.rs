#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| isofold_conformance::fuzz::run("decode", input));
