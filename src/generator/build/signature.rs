//! Signatures that all targets of a program can pass.

use std::fmt::Write as _;

use super::super::isas::{Isas, S390X};
use super::super::plan::{Conventions, ProfilePlan, Role, SignaturePlan};
use super::super::settings::Settings;
use super::super::types::{ANY, FLOATS, T, Types, VECTORS, WIDE, WORDS};

/// A calling convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conv {
    PreserveAll,
    SystemV,
    Fast,
    Tail,
    Winch,
    Windows,
    Apple,
}

impl Conv {
    /// As CLIF writes it.
    pub fn name(self) -> &'static str {
        match self {
            Conv::PreserveAll => "preserve_all",
            Conv::SystemV => "system_v",
            Conv::Fast => "fast",
            Conv::Tail => "tail",
            Conv::Winch => "winch",
            Conv::Windows => "windows_fastcall",
            Conv::Apple => "apple_aarch64",
        }
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Type.
    pub ty: T,
    /// `uext`, `sext` or nothing.
    pub extension: &'static str,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sig {
    /// Convention.
    pub conv: Conv,
    /// Whether the first parameter is a pointer to a stack limit.
    pub limit: bool,
    /// Parameters behind it.
    pub params: Vec<Param>,
    /// Results.
    pub returns: Vec<T>,
}

impl Sig {
    /// As CLIF writes it, without a name.
    pub fn text(&self) -> String {
        let mut out = String::from("(");
        if self.limit {
            out.push_str("i64 vmctx");
        }
        for (index, param) in self.params.iter().enumerate() {
            let comma = if index > 0 || self.limit { ", " } else { "" };
            let _ = write!(out, "{comma}{}{}", param.ty.name(), param.extension);
        }
        out.push(')');
        for (index, ty) in self.returns.iter().enumerate() {
            let before = if index == 0 { " -> " } else { ", " };
            let _ = write!(out, "{before}{}", ty.name());
        }
        let _ = write!(out, " {}", self.conv.name());
        out
    }
}

/// What a program has, once its profile is settled.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The ISAs.
    pub isas: Isas,
    /// Types of values.
    pub types: Types,
    /// Addresses.
    pub memory: bool,
    /// Atomics.
    pub atomics: bool,
    /// Float arithmetic.
    pub arithmetic: bool,
    /// Rounding to integers, which x86-64 has a library call for below SSE4.1.
    pub rounding: bool,
    /// Conventions.
    pub conventions: Conventions,
}

impl Terms {
    /// The ISAs that have all of what `profile` uses, and what else follows.
    pub fn of(profile: &ProfilePlan, settings: &Settings, limit: bool) -> Terms {
        use super::super::isas::{ALL, ARM, PULLEY, PULLEY32, RISCV, X86};
        let mut isas = match profile.conventions {
            Conventions::Common => ALL,
            Conventions::Winch => X86.or(ARM).or(PULLEY),
            Conventions::Windows => X86,
            Conventions::Apple => ARM,
        };
        isas = isas.without(if profile.vectors { RISCV } else { Isas(0) });
        isas = isas.without(if profile.memory { PULLEY32 } else { Isas(0) });
        isas = isas.without(if profile.atomics { PULLEY } else { Isas(0) });
        // Pulley has no stack limit checks of its own.
        let without_limit = limit && profile.memory;
        isas = isas.without(if without_limit { PULLEY } else { Isas(0) });
        let fewer = isas.without(Isas(profile.leave_out));
        let isas = if fewer.0 == 0 { isas } else { fewer };
        let mut types = WORDS;
        for (has, more) in [
            (profile.wide, WIDE),
            (profile.floats, FLOATS),
            (profile.vectors, VECTORS),
        ] {
            types = if has { types.or(more) } else { types };
        }
        if !profile.floats {
            types = types.without(super::super::types::FLOAT_VECTORS);
        }
        Terms {
            isas,
            types: types.and(ANY),
            memory: profile.memory,
            atomics: profile.atomics,
            arithmetic: settings.canonical_nans,
            rounding: !isas.meets(X86) || settings.has_sse41(),
            conventions: profile.conventions,
        }
    }

    fn conv(&self, role: Role, raw: u8, host: bool) -> Conv {
        let own = match self.conventions {
            Conventions::Common => None,
            Conventions::Winch => Some(Conv::Winch),
            Conventions::Windows => Some(Conv::Windows),
            Conventions::Apple => Some(Conv::Apple),
        };
        let mut list = match role {
            _ if host => vec![Conv::SystemV, Conv::SystemV, Conv::SystemV, Conv::Fast],
            Role::Hook => vec![
                Conv::PreserveAll,
                Conv::PreserveAll,
                Conv::PreserveAll,
                Conv::PreserveAll,
                Conv::PreserveAll,
                Conv::PreserveAll,
                Conv::PreserveAll,
                Conv::SystemV,
                Conv::Fast,
                Conv::Tail,
            ],
            Role::Shared | Role::Program => {
                vec![
                    Conv::SystemV,
                    Conv::SystemV,
                    Conv::Fast,
                    Conv::Tail,
                    Conv::Tail,
                ]
            }
            Role::Main => {
                let mut list = vec![Conv::SystemV; 8];
                list.extend([Conv::Fast, Conv::Tail]);
                list
            }
        };
        if let Some(own) = own
            && !(own == Conv::Winch && (host || role != Role::Hook))
        {
            let count = list.len();
            list.extend(std::iter::repeat_n(own, count));
        }
        list[usize::from(raw) % list.len()]
    }

    /// The signature of a function, or of a hostcall.
    pub fn signature(&self, plan: &SignaturePlan, role: Role, host: bool) -> Sig {
        let conv = self.conv(role, plan.conv, host);
        let mut params: Vec<Param> = Vec::new();
        for (raw, extension) in &plan.params {
            let ty = self.types.nth(*raw);
            let extension = match extension % 4 {
                0 if ty.is_word() && ty != T::I64 => " uext",
                1 if ty.is_word() && ty != T::I64 => " sext",
                _ => "",
            };
            params.push(Param { ty, extension });
        }
        Sig {
            conv,
            limit: false,
            params,
            returns: if role == Role::Hook {
                Vec::new()
            } else {
                self.returns(plan, role, host, conv)
            },
        }
    }

    /// Results that fit into registers on all ISAs: two of each class.
    fn returns(&self, plan: &SignaturePlan, role: Role, host: bool, conv: Conv) -> Vec<T> {
        let seen = host || role == Role::Main;
        let wide = !seen && !self.isas.meets(S390X);
        let types = if wide {
            self.types
        } else {
            self.types.without(WIDE)
        };
        let (mut ints, mut floats) = (2, 2);
        let mut returns = Vec::new();
        // One place of either class, counted together.
        // Tail calls need the same results.
        let alone = conv == Conv::Windows || (conv == Conv::Tail && plan.conv & 0x10 != 0);
        let most = if alone { 1 } else { 4 };
        if !host {
            returns.push(T::I64);
            ints -= 1;
        }
        for raw in &plan.returns {
            let ty = types.nth(*raw);
            let is_float = FLOATS.or(VECTORS).has(ty);
            let (left, need) = match (is_float, ty) {
                (true, _) => (&mut floats, 1),
                (false, T::I128) => (&mut ints, 2),
                (false, _) => (&mut ints, 1),
            };
            if *left >= need && returns.len() < most {
                *left -= need;
                returns.push(ty);
            }
        }
        returns
    }
}
