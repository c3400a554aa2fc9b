//! Functions in the place of ones that a file calls by a convention that the host has not.
//!
//! Cranelift's own tests call hooks that they never define, by `preserve_all`, and others by `tail`
//! or `winch`. The host is called by the platform's C ABI alone, so each becomes a function of the
//! program that does nothing and returns zeros.

use std::fmt::Write;

use cranelift_codegen::ir::{Function, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use cranelift_reader::parse_functions;

/// Whether the host can be called like this.
pub fn is_hosts(convention: CallConv) -> bool {
    !matches!(
        convention,
        CallConv::PreserveAll | CallConv::Tail | CallConv::Winch
    )
}

/// A function of that name and signature.
///
/// # Errors
/// When it returns what there is no zero of.
pub fn stand_in(name: &str, signature: &Signature) -> Result<Function, String> {
    let types = signature.params.iter().map(|param| param.value_type);
    let params = (0..).zip(types).map(|(i, ty)| format!("v{i}: {ty}"));
    let params: Vec<String> = params.collect();
    let block = match params.join(", ") {
        none if none.is_empty() => "block0".to_owned(),
        some => format!("block0({some})"),
    };
    let mut body = String::new();
    let mut zeros = Vec::new();
    let mut next = params.len();
    for result in &signature.returns {
        zeros.push(format!(
            "v{}",
            zero(&mut body, &mut next, result.value_type)
        ));
    }
    let text = format!(
        "function %{name}{signature} {{\n{block}:\n{body}    return {}\n}}\n",
        zeros.join(", ")
    );
    let read = parse_functions(&text).ok().and_then(|mut list| list.pop());
    read.ok_or_else(|| format!("calls %{name}{signature}, which cannot be stood in for"))
}

/// Appends what makes a zero of `ty`, and gives its number.
fn zero(body: &mut String, next: &mut usize, ty: Type) -> usize {
    let mut value = |text: String| {
        let _ = writeln!(body, "    v{next} = {text}");
        *next += 1;
        *next - 1
    };
    match ty {
        types::I128 => {
            let word = value("iconst.i64 0".to_owned());
            value(format!("uextend.i128 v{word}"))
        }
        _ if ty.is_int() => value(format!("iconst.{ty} 0")),
        _ if ty.is_float() => value(format!("{ty}const 0.0")),
        _ => value(format!("vconst.{ty} 0x00")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_returns_zeros_of_all_its_types() {
        let text = "function %f() { fn0 = %g(i8, f32) -> i8, i64, i128, f32, f64, i32x4 tail\n\
                    block0:\n    return\n}\n";
        let caller = parse_functions(text).unwrap().remove(0);
        let signature = caller.dfg.signatures.values().next().unwrap();
        let function = stand_in("g_1", signature).unwrap();
        assert_eq!(function.name.to_string(), "%g_1");
        assert_eq!(function.signature, *signature);
        let text = function.to_string();
        for zero in [
            "iconst.i8 0",
            "iconst.i64 0",
            "uextend.i128",
            "f32const 0.0",
            "f64const 0.0",
        ] {
            assert!(text.contains(zero), "{zero} is not in\n{text}");
        }
        assert!(text.contains("return v2, v3, v5, v6, v7, v8"), "{text}");
    }

    #[test]
    fn the_host_has_the_platforms_conventions() {
        assert!(is_hosts(CallConv::SystemV) && is_hosts(CallConv::AppleAarch64));
        assert!(!is_hosts(CallConv::PreserveAll) && !is_hosts(CallConv::Tail));
    }
}
