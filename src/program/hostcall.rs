//! The hostcalls that the suite knows, and what they return: the same on every machine and in
//! the reference.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::interface::{CallConv, HostcallDecl, Purpose};
use super::library::Routine;
use super::ty::{Lane, Ty, Value};

/// What a patching hostcall does to a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PatchAction {
    /// `%patch_enable(i32)`: the site becomes live.
    Enable,
    /// `%patch_disable(i32)`: the site becomes NOPs.
    Disable,
    /// `%patch_toggle(i32)`: the site becomes the other.
    Toggle,
}

impl PatchAction {
    /// Whether the site is live afterwards.
    pub fn apply(self, live: bool) -> bool {
        match self {
            PatchAction::Enable => true,
            PatchAction::Disable => false,
            PatchAction::Toggle => !live,
        }
    }
}

/// What a hostcall means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HostcallKind {
    /// Acts on the patch site whose number is the argument, from the next pass on.
    Patch(PatchAction),
    /// `%host_...`: logs its arguments and returns values that depend on them alone.
    Log,
    /// A routine of the runtime library, like `%CeilF32`: computes, and is not logged.
    Library(Routine),
}

impl HostcallKind {
    /// The meaning of a declared hostcall.
    ///
    /// # Errors
    /// A message when the name is none that the suite knows, or its signature cannot be called.
    pub fn of(decl: &HostcallDecl) -> Result<HostcallKind, String> {
        let name = decl.name.trim_start_matches('%');
        let action = match name {
            "patch_enable" => Some(PatchAction::Enable),
            "patch_disable" => Some(PatchAction::Disable),
            "patch_toggle" => Some(PatchAction::Toggle),
            _ => None,
        };
        let routine = Routine::of(&decl.name);
        if action.is_none() && routine.is_none() && !name.starts_with("host_") {
            return Err(format!(
                "undefined symbol {}: no function of the program, and no hostcall \
                 (patch_enable, patch_disable, patch_toggle, host_*, or a libcall like CeilF32)",
                decl.name
            ));
        }
        let signature = &decl.signature;
        if !matches!(
            signature.call_conv,
            CallConv::SystemV | CallConv::Fast | CallConv::WindowsFastcall | CallConv::AppleAarch64
        ) {
            return Err(format!(
                "hostcall {} has calling convention {}: the host is called by the platform's C ABI",
                decl.name, signature.call_conv
            ));
        }
        if let Some(action) = action {
            let one_i32 = matches!(&signature.params[..], [p] if p.ty == Ty::int(32));
            return if one_i32 && signature.returns.is_empty() {
                Ok(HostcallKind::Patch(action))
            } else {
                Err(format!(
                    "hostcall {} has signature {signature}, expected (i32)",
                    decl.name
                ))
            };
        }
        if let Some(routine) = routine {
            return if routine.accepts(signature) {
                Ok(HostcallKind::Library(routine))
            } else {
                Err(format!(
                    "libcall {} has signature {signature}, expected {}",
                    decl.name,
                    routine.decl().signature
                ))
            };
        }
        let plain = |p: &super::Param| p.purpose == Purpose::Normal;
        if signature.params.iter().chain(&signature.returns).all(plain) {
            Ok(HostcallKind::Log)
        } else {
            Err(format!(
                "hostcall {} has signature {signature}: plain values only",
                decl.name
            ))
        }
    }
}

/// What the host returns from its call number `ordinal` (counted over all hostcalls of a run)
/// of the function `name` with `args`: values that depend on name and arguments alone, with
/// every bit used; floats are finite and never NaN.
///
/// The ordinal is left out on purpose: a NOPed hook makes no hostcalls, and the program's own
/// must give the same results all the same.
pub fn results(decl: &HostcallDecl, args: &[Value]) -> Vec<Value> {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix = |byte: u8| {
        // FNV-1a, 64 bit.
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    };
    decl.name.bytes().for_each(&mut mix);
    for arg in args {
        arg.bits.to_le_bytes().into_iter().for_each(&mut mix);
    }
    let mut random = SplitMix64::seed_from_u64(state);
    let mut next = || u128::from(random.next_u64());
    let mut value = |ty: Ty| Value::new(ty, finite(ty, next() | next() << 64));
    decl.signature
        .returns
        .iter()
        .map(|param| value(param.ty))
        .collect()
}

/// Clears one exponent bit of each float lane, so that none is infinite or NaN.
fn finite(ty: Ty, bits: u128) -> u128 {
    if ty.lane == Lane::Int {
        return bits;
    }
    let exponent_bit = match ty.lane_bits {
        16 => 14,
        32 => 30,
        64 => 62,
        _ => 126,
    };
    (0..u32::from(ty.lanes)).fold(bits, |bits, lane| {
        bits & !(1u128 << (lane * u32::from(ty.lane_bits) + exponent_bit))
    })
}
