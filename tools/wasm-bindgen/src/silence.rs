//! Panics without words.
//!
//! The one idea: a function of the standard library that never returns is a way to panic. What it would print has no
//! reader in a wasm module, which stops there in any case, so its body becomes the instruction that stops. Whatever
//! only made the words is then reached by nothing, and `wasm-opt` leaves it out.
//!
//! Not here: places of panics (`tools/wasm.sh` asks the compiler for none), functions of other crates.

use walrus::ir::{dfs_in_order, Instr, InstrSeqId, Unreachable, Visitor};
use walrus::{FunctionId, FunctionKind, LocalFunction, Module};

const LIBRARY: [&str; 4] = ["core::", "alloc::", "std::", "__rustc::"];

/// Makes every panic stop at once, and tells how many functions that changed.
pub fn silence(module: &mut Module) -> usize {
    let found: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter(|(id, function)| {
            module.funcs.get(*id).name.as_deref().is_some_and(is_library) && never_returns(function)
        })
        .map(|(id, _)| id)
        .collect();
    for id in &found {
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(*id).kind {
            let entry = function.entry_block();
            let instructions = &mut function.block_mut(entry).instrs;
            instructions.clear();
            instructions.push((Unreachable {}.into(), Default::default()));
        }
    }
    found.len()
}

/// Whether a function was written in the standard library, by its mangled name.
fn is_library(name: &str) -> bool {
    let path = format!("{:#}", rustc_demangle::demangle(name));
    let path = path.trim_start_matches('<');
    LIBRARY.iter().any(|root| path.starts_with(root))
}

/// Whether all ways through a function end in a trap: its end is one, and no branch or return leads out.
fn never_returns(function: &LocalFunction) -> bool {
    let entry = function.entry_block();
    let ends_in_trap = matches!(function.block(entry).instrs.last(), Some((Instr::Unreachable(_), _)));
    let mut ways = WaysOut { entry, count: 0 };
    dfs_in_order(&mut ways, function, entry);
    ends_in_trap && ways.count == 0
}

struct WaysOut {
    entry: InstrSeqId,
    count: usize,
}

impl<'i> Visitor<'i> for WaysOut {
    fn visit_instr(&mut self, instruction: &'i Instr, _: &'i walrus::ir::InstrLocId) {
        let leaves = matches!(
            instruction,
            Instr::Return(_)
                | Instr::ReturnCall(_)
                | Instr::ReturnCallIndirect(_)
                | Instr::ReturnCallRef(_)
                | Instr::Throw(_)
                | Instr::ThrowRef(_)
                | Instr::Rethrow(_)
        );
        self.count += usize::from(leaves);
    }

    // blocks are entered by their own instruction, the entry only by branches to the end of the function
    fn visit_instr_seq_id(&mut self, target: &InstrSeqId) {
        self.count += usize::from(*target == self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ir::Value;
    use walrus::{FunctionBuilder, ValType};

    /// A module with one function of a name, that is made by `body`.
    fn changed(name: &str, body: impl FnOnce(&mut walrus::InstrSeqBuilder<'_>)) -> bool {
        let mut module = Module::default();
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        builder.name(name.to_owned());
        body(&mut builder.func_body());
        builder.finish(vec![], &mut module.funcs);
        silence(&mut module) == 1
    }

    const PANIC: &str = "_RNvNtCslbmsoQ7QqIG_4core9panicking9panic_fmt";

    #[test]
    fn ways_to_panic_become_a_trap() {
        let panics = |body: &mut walrus::InstrSeqBuilder<'_>| {
            body.i32_const(1).drop().unreachable();
        };
        assert!(changed(PANIC, panics));
        assert!(changed("_ZN4core9panicking9panic_fmt17h0123456789abcdefE", panics));
        assert!(!changed("_RNvNtCslbmsoQ7QqIG_7isofold5error5stops", panics));
        assert!(!changed("__wbindgen_throw", panics));
    }

    #[test]
    fn what_can_return_is_left_alone() {
        assert!(!changed(PANIC, |body| {
            body.i32_const(1).drop();
        }));
        assert!(!changed(PANIC, |body| {
            body.return_().unreachable();
        }));
        assert!(!changed(PANIC, |body| {
            let end = body.id();
            body.const_(Value::I32(0)).br_if(end).unreachable();
        }));
        assert!(!changed(PANIC, |body| {
            let end = body.id();
            body.block(None::<ValType>, |inner| {
                inner.const_(Value::I32(0)).br_if(end);
            });
            body.unreachable();
        }));
        // a branch that stays inside is no way out
        assert!(changed(PANIC, |body| {
            body.block(None::<ValType>, |inner| {
                let inside = inner.id();
                inner.const_(Value::I32(0)).br_if(inside);
            });
            body.unreachable();
        }));
    }
}
