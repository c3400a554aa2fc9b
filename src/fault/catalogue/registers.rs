//! Which registers faults are about.

use crate::isa::Isa;
use crate::machine::abi::{Part, call_layout};
use crate::machine::{RegisterId, RegisterInfo, RegisterRole, RegisterTable};
use crate::program::{CallConv, Extension, Param, Purpose, Signature, Ty};

/// All bits of a register.
pub fn full(info: &RegisterInfo) -> u128 {
    u128::MAX >> (128 - 8 * u32::from(info.bytes))
}

/// The upper half of a register, and the lower one.
pub fn halves(info: &RegisterInfo) -> [(&'static str, u128); 2] {
    let half = 4 * u32::from(info.bytes);
    let low = u128::MAX >> (128 - half);
    [("high half", low << half), ("low half", low)]
}

/// The registers that hold values: no program counter, stack pointer, link register, flags or
/// control register, and no register that is wired to zero.
pub fn values(isa: Isa) -> Vec<(RegisterId, &'static RegisterInfo)> {
    let table = RegisterTable::of(isa);
    let all = table.ids().map(|id| (id, table.info(id)));
    all.filter(|&(id, info)| {
        let role = !matches!(
            info.role,
            RegisterRole::Pc | RegisterRole::Flags | RegisterRole::Control(_)
        );
        role && id != table.sp && Some(id) != table.link && info.name != "zero"
    })
    .collect()
}

/// The registers of [`values`] in rows of the same kind.
pub fn files(isa: Isa) -> Vec<Vec<(RegisterId, &'static RegisterInfo)>> {
    let kind = |info: &RegisterInfo| match info.role {
        RegisterRole::Int(_) => 0,
        RegisterRole::Float(_) => 1,
        RegisterRole::Vector(_) => 2,
        _ => 3,
    };
    let all = values(isa);
    let files = (0..3).map(|wanted| {
        let own = all.iter().filter(|(_, info)| kind(info) == wanted);
        own.copied().collect::<Vec<_>>()
    });
    files.filter(|file: &Vec<_>| file.len() > 1).collect()
}

/// The control registers with the bits of the rounding mode: MXCSR 13 and 14 and the x87 control
/// word 10 and 11 (Intel SDM volume 1, 8.1.5 and 10.2.3), FPCR 22 and 23 (Arm ARM, C5.2), fcsr 5
/// to 7 (RISC-V unprivileged manual, "F"), FPC 29 to 31 from the left (Principles of Operation,
/// chapter 9). The lowest bit of each.
pub fn rounding(isa: Isa) -> Vec<(&'static str, u128)> {
    match isa {
        Isa::X86_64 => vec![("mxcsr", 1 << 13), ("fpcw", 1 << 10)],
        Isa::Aarch64 => vec![("fpcr", 1 << 22)],
        Isa::Riscv64gc => vec![("fcsr", 1 << 5)],
        Isa::S390x => vec![("fpc", 1)],
        _ => Vec::new(),
    }
}

/// The registers that the platform's ABI passes arguments in.
pub fn arguments(isa: Isa) -> Vec<(RegisterId, &'static RegisterInfo)> {
    let table = RegisterTable::of(isa);
    let param = |ty| Param {
        ty,
        extension: Extension::None,
        purpose: Purpose::Normal,
    };
    let mut found: Vec<RegisterId> = Vec::new();
    for ty in [Ty::int(64), Ty::float(64)] {
        let signature = Signature {
            call_conv: CallConv::SystemV,
            params: vec![param(ty); 16],
            returns: Vec::new(),
            llvm_abi: false,
        };
        let layout = call_layout(isa, &signature).expect("every ABI passes 64-bit values");
        for part in layout.params.iter().flat_map(|place| &place.parts) {
            if let Part::Register { register, .. } = part
                && !found.contains(register)
            {
                found.push(*register);
            }
        }
    }
    found.into_iter().map(|id| (id, table.info(id))).collect()
}
