//! Generates the JavaScript glue of a wasm module: `isofold-wasm-bindgen INPUT.wasm OUTPUT_FOLDER`.
//!
//! The one idea: the glue for bundlers is the form with no opinion on how bytes are found. It imports nothing and
//! asks for no URL, so that `pkg/npm` can instantiate the module in every host by its own rules.
//!
//! Before that, panics lose their words (`silence`).
//!
//! Not here: compiling the module (`tools/wasm.sh`), optimising it (`wasm-opt`).

mod silence;

use std::env;
use std::process::ExitCode;

use silence::silence;
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: isofold-wasm-bindgen INPUT.wasm OUTPUT_FOLDER");
        return ExitCode::FAILURE;
    };
    match generate(input, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn generate(input: &str, output: &str) -> Result<(), String> {
    let mut module = Module::from_file(input).map_err(|error| format!("{error:?}"))?;
    silence(&mut module);
    let mut bindgen = Bindgen::new();
    bindgen.bundler(true).map_err(|error| error.to_string())?;
    bindgen.input_bytes("isofold", module.emit_wasm()).out_name("isofold").typescript(true).remove_name_section(true);
    bindgen.remove_producers_section(true).generate(output).map_err(|error| format!("{error:?}"))
}
