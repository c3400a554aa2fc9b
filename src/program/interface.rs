//! What a program promises to its surroundings: its functions, patch sites, hooks, hostcalls
//! and data. Facts only, without any IR, so that machines and oracles need no compiler.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ty::Ty;

/// A calling convention that CLIF knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CallConv {
    /// `system_v`: the platform's C ABI.
    SystemV,
    /// `fast`: the code generator's own; not stable.
    Fast,
    /// `tail`: callee pops its stack arguments, tail calls allowed.
    Tail,
    /// `preserve_all`: the no-clobber ABI, a callee that saves all that it touches.
    PreserveAll,
    /// `windows_fastcall`: the Microsoft x64 ABI.
    WindowsFastcall,
    /// `apple_aarch64`: Apple's variant of AAPCS64.
    AppleAarch64,
    /// `winch`: the baseline compiler's; no register is callee-saved.
    Winch,
    /// `probestack`: of the stack probe function only.
    Probestack,
}

impl CallConv {
    /// The name that CLIF uses.
    pub fn name(self) -> &'static str {
        match self {
            CallConv::SystemV => "system_v",
            CallConv::Fast => "fast",
            CallConv::Tail => "tail",
            CallConv::PreserveAll => "preserve_all",
            CallConv::WindowsFastcall => "windows_fastcall",
            CallConv::AppleAarch64 => "apple_aarch64",
            CallConv::Winch => "winch",
            CallConv::Probestack => "probestack",
        }
    }
}

impl fmt::Display for CallConv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a small integer argument fills its register or slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Extension {
    /// The bits above the value are unspecified.
    None,
    /// Zero-extended (`uext`).
    Zero,
    /// Sign-extended (`sext`).
    Sign,
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// An ordinary value.
    Normal,
    /// `sret`: pointer to where the results go.
    StructReturn,
    /// `sarg(n)`: a pointer in the IR, `n` bytes by value on the stack.
    StructArgument(u32),
    /// `vmctx`.
    VmContext,
}

/// A parameter or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Param {
    /// Type of the value.
    pub ty: Ty,
    /// Extension that the signature asks for.
    pub extension: Extension,
    /// What it is for.
    pub purpose: Purpose,
}

/// A function's signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// Calling convention.
    pub call_conv: CallConv,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// Results in order.
    pub returns: Vec<Param>,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |params: &[Param]| {
            params
                .iter()
                .map(|p| p.ty.to_string())
                .collect::<Vec<_>>()
                .join(", ")
        };
        write!(f, "({})", list(&self.params))?;
        if !self.returns.is_empty() {
            write!(f, " -> {}", list(&self.returns))?;
        }
        write!(f, " {}", self.call_conv)
    }
}

/// A function that the program defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionDecl {
    /// Name as CLIF writes it, with its sigil: `%main`, `u0:1`.
    pub name: String,
    /// Its signature.
    pub signature: Signature,
    /// Whether it is the callee of a patchable call.
    pub is_hook: bool,
}

/// Number of a patch site in its program: patchable calls in text order of the functions and
/// layout order of their instructions. Never a position in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteId(pub u32);

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "site{}", self.0)
    }
}

/// A patchable call in the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteDecl {
    /// Its number; equal to its index in [`Interface::sites`].
    pub id: SiteId,
    /// Index of the function that contains the call.
    pub function: u32,
    /// Index of the hook that it calls.
    pub hook: u32,
    /// Whether a path of branches leads from the function's entry to the call.
    pub reachable: bool,
    /// Whether the function also calls that hook, or takes its address, by other instructions
    /// than patchable calls.
    pub ordinary_too: bool,
    /// The instruction as CLIF writes it.
    pub text: String,
}

/// A function that is called and not defined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostcallDecl {
    /// Name with its sigil.
    pub name: String,
    /// Signature of the calls.
    pub signature: Signature,
}

/// Whose a piece of memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// The program's: the same in every scenario.
    Program,
    /// Only hooks reach it: free to differ.
    Hooks,
}

/// A data symbol: [`DATA_BYTES`] of memory, zero at the start of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataDecl {
    /// Name with its sigil.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
}

/// Size of every data symbol in bytes.
pub const DATA_BYTES: u64 = 4096;

/// All that a program shows to the outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Functions in text order.
    pub functions: Vec<FunctionDecl>,
    /// Patch sites; the index is the number.
    pub sites: Vec<SiteDecl>,
    /// Hostcalls in order of first mention.
    pub hostcalls: Vec<HostcallDecl>,
    /// Data symbols in order of first mention.
    pub data: Vec<DataDecl>,
    /// Whether a function sets the pinned register, which is then no callee-saved one.
    pub sets_pinned_register: bool,
}

impl Interface {
    /// Index of the function called `name`.
    pub fn function_index(&self, name: &str) -> Option<u32> {
        let index = self.functions.iter().position(|f| f.name == name)?;
        u32::try_from(index).ok()
    }

    /// The hook that `site` calls.
    pub fn hook_of(&self, site: SiteId) -> &FunctionDecl {
        &self.functions[self.sites[site.0 as usize].hook as usize]
    }

    /// Signature of the hook that `site` calls.
    pub fn site_signature(&self, site: SiteId) -> &Signature {
        &self.hook_of(site).signature
    }
}
