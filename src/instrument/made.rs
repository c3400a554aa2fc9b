//! The suite's own hooks as CLIF: one for each row of types.

use std::fmt::Write;

use cranelift_codegen::ir::{Type, types};

/// A hook that hands its arguments to the host.
pub fn host(prefix: &str, number: usize, types: &[Type]) -> String {
    let list = list(types);
    let values: Vec<String> = (0..types.len()).map(|i| format!("v{i}")).collect();
    let call = format!("    call fn0({})\n    return\n", values.join(", "));
    let callee = format!("    fn0 = %host_{prefix}_{number}({list}) system_v\n");
    function(prefix, number, types, &callee, &call)
}

/// A hook that mixes its arguments and traps on what never comes: no part of it can be left out,
/// and it needs no memory, so that it is the same for every width of pointers.
pub fn leaf(prefix: &str, number: usize, types: &[Type]) -> String {
    let mut body = String::new();
    let mut next = types.len();
    let mut value = |body: &mut String, text: &str| {
        let _ = writeln!(body, "    v{next} = {text}");
        next += 1;
        next - 1
    };
    let mut mixed = value(&mut body, "iconst.i64 0x5eed");
    let seven = value(&mut body, "iconst.i64 7");
    for (index, ty) in types.iter().enumerate() {
        let word = match *ty {
            types::I64 => index,
            types::I8 | types::I16 | types::I32 => {
                value(&mut body, &format!("uextend.i64 v{index}"))
            }
            types::F64 => value(&mut body, &format!("bitcast.i64 v{index}")),
            types::F32 => {
                let narrow = value(&mut body, &format!("bitcast.i32 v{index}"));
                value(&mut body, &format!("uextend.i64 v{narrow}"))
            }
            // Of the wider ones not every target has what it takes.
            _ => continue,
        };
        let turned = value(&mut body, &format!("rotl v{mixed}, v{seven}"));
        mixed = value(&mut body, &format!("bxor v{turned}, v{word}"));
    }
    let zeros = value(&mut body, &format!("clz v{mixed}"));
    let most = value(&mut body, "iconst.i64 64");
    let never = value(&mut body, &format!("icmp ugt v{zeros}, v{most}"));
    let _ = write!(body, "    trapnz v{never}, user1\n    return\n");
    function(prefix, number, types, "", &body)
}

fn list(types: &[Type]) -> String {
    let names: Vec<String> = types.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn function(prefix: &str, number: usize, types: &[Type], callee: &str, body: &str) -> String {
    let params = (0..).zip(types).map(|(i, ty)| format!("v{i}: {ty}"));
    let params: Vec<String> = params.collect();
    let block = if params.is_empty() {
        "block0".to_owned()
    } else {
        format!("block0({})", params.join(", "))
    };
    format!(
        "\nfunction %{prefix}_{number}({}) preserve_all {{\n{callee}{block}:\n{body}}}\n",
        list(types)
    )
}
