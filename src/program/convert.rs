//! Between CLIF's types, values and signatures and the suite's own.

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir;
use cranelift_codegen::isa;

use super::interface::{CallConv, Extension, Param, Purpose, Signature};
use super::ty::{Lane, Ty, Value};

/// The suite's type for a CLIF type; `None` for types of more than 128 bits or of dynamic size.
pub fn ty_from_clif(ty: ir::Type) -> Option<Ty> {
    if ty.is_dynamic_vector() || ty.bits() > 128 || ty.bits() < 8 {
        return None;
    }
    let lane = ty.lane_type();
    Some(Ty {
        lane: if lane.is_float() {
            Lane::Float
        } else {
            Lane::Int
        },
        lane_bits: u8::try_from(lane.bits()).ok()?,
        lanes: u8::try_from(ty.lane_count()).ok()?,
    })
}

/// The CLIF type for one of the suite's types.
///
/// # Panics
/// When the type is none that CLIF has.
pub fn ty_to_clif(ty: Ty) -> ir::Type {
    let lane = match ty.lane {
        Lane::Int => ir::Type::int(u16::from(ty.lane_bits)),
        Lane::Float => match ty.lane_bits {
            16 => Some(ir::types::F16),
            32 => Some(ir::types::F32),
            64 => Some(ir::types::F64),
            _ => Some(ir::types::F128),
        },
    };
    lane.and_then(|lane| lane.by(u32::from(ty.lanes)))
        .expect("the suite's types are CLIF's")
}

/// The suite's value for a CLIF data value.
pub fn from_data_value(value: &DataValue) -> Option<Value> {
    let ty = ty_from_clif(value.ty())?;
    let mut bytes = [0; 16];
    value.write_to_slice_le(&mut bytes[..ty.bytes() as usize]);
    Some(Value::new(ty, u128::from_le_bytes(bytes)))
}

/// The CLIF data value for one of the suite's values.
pub fn to_data_value(value: Value) -> DataValue {
    let bytes = value.bits.to_le_bytes();
    DataValue::read_from_slice_le(&bytes[..value.ty.bytes() as usize], ty_to_clif(value.ty))
}

/// The suite's signature for a CLIF signature; [`Signature::llvm_abi`] is the header's.
///
/// # Errors
/// A description of what the suite has no word for.
pub fn signature_from_clif(signature: &ir::Signature, llvm_abi: bool) -> Result<Signature, String> {
    let params = |list: &[ir::AbiParam]| {
        list.iter()
            .map(param_from_clif)
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(Signature {
        call_conv: call_conv_from_clif(signature.call_conv),
        params: params(&signature.params)?,
        returns: params(&signature.returns)?,
        llvm_abi,
    })
}

fn param_from_clif(param: &ir::AbiParam) -> Result<Param, String> {
    let ty = ty_from_clif(param.value_type)
        .ok_or_else(|| format!("type {} is wider than 128 bits", param.value_type))?;
    Ok(Param {
        ty,
        extension: match param.extension {
            ir::ArgumentExtension::None => Extension::None,
            ir::ArgumentExtension::Uext => Extension::Zero,
            ir::ArgumentExtension::Sext => Extension::Sign,
        },
        purpose: match param.purpose {
            ir::ArgumentPurpose::Normal => Purpose::Normal,
            ir::ArgumentPurpose::StructArgument(size) => Purpose::StructArgument(size),
            ir::ArgumentPurpose::StructReturn => Purpose::StructReturn,
            ir::ArgumentPurpose::VMContext => Purpose::VmContext,
        },
    })
}

fn call_conv_from_clif(conv: isa::CallConv) -> CallConv {
    match conv {
        isa::CallConv::Fast => CallConv::Fast,
        isa::CallConv::Tail => CallConv::Tail,
        isa::CallConv::SystemV => CallConv::SystemV,
        isa::CallConv::WindowsFastcall => CallConv::WindowsFastcall,
        isa::CallConv::AppleAarch64 => CallConv::AppleAarch64,
        isa::CallConv::Probestack => CallConv::Probestack,
        isa::CallConv::Winch => CallConv::Winch,
        isa::CallConv::PreserveAll => CallConv::PreserveAll,
    }
}
