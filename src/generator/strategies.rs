//! How plans are drawn: each property by itself, with weights that make the rare combinations
//! come up within some hundred programs.

use std::ops::Range;

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::strategy::BoxedStrategy;

use super::operations::OPS;
use super::plan::{
    AccessPlan, Conventions, FunctionPlan, OpPlan, ProfilePlan, ProgramPlan, Role, SignaturePlan,
    Stmt,
};
use super::settings;

/// Whole programs.
pub fn programs() -> BoxedStrategy<ProgramPlan> {
    let hook = function(Just(Role::Hook).boxed(), small_body());
    let roles = prop_oneof![
        2 => Just(Role::Hook),
        2 => Just(Role::Shared),
        3 => Just(Role::Program),
    ];
    let other = function(roles.boxed(), small_body());
    let main = function(Just(Role::Main).boxed(), main_body());
    (
        (profile(), settings::strategy()),
        vec(signature(7, 4), 1..=3),
        hook,
        sized(other, [0..2, 1..4, 3..6], [4, 3, 1]),
        main,
        vec(vec(any::<u16>(), 12), 1..=3),
        weighted(0.04),
    )
        .prop_map(
            |((profile, settings), hosts, hook, others, main, invocations, trap)| ProgramPlan {
                profile,
                settings,
                hosts,
                hook,
                others,
                main,
                invocations,
                trap,
            },
        )
        .boxed()
}

/// Lists of one of three ranges of lengths.
fn sized<T: std::fmt::Debug + 'static>(
    one: BoxedStrategy<T>,
    lengths: [Range<usize>; 3],
    weights: [u32; 3],
) -> BoxedStrategy<Vec<T>> {
    let [few, some, many] = lengths;
    prop_oneof![
        weights[0] => vec(one.clone(), few),
        weights[1] => vec(one.clone(), some),
        weights[2] => vec(one, many),
    ]
    .boxed()
}

fn profile() -> impl Strategy<Value = ProfilePlan> {
    let conventions = prop_oneof![
        88 => Just(Conventions::Common),
        4 => Just(Conventions::Winch),
        4 => Just(Conventions::Windows),
        4 => Just(Conventions::Apple),
    ];
    // Bits as `Isas` has them.
    let leave_out = prop_oneof![
        66 => Just(0_u8), 12 => Just(0xf0), 5 => Just(0x01), 4 => Just(0xf1), 6 => Just(0x08), 6 => Just(0x04), 6 => Just(0xf4),
    ];
    (
        (weighted(0.35), weighted(0.75), weighted(0.3)),
        (weighted(0.7), weighted(0.2), conventions, leave_out),
    )
        .prop_map(
            |((vectors, memory, wide), (floats, atomics, conventions, leave_out))| ProfilePlan {
                vectors,
                memory,
                wide,
                floats,
                atomics: atomics && memory,
                conventions,
                leave_out,
            },
        )
}

fn signature(params: usize, returns: usize) -> BoxedStrategy<SignaturePlan> {
    (
        any::<u8>(),
        sized(
            (any::<u16>(), any::<u8>()).boxed(),
            [0..3, 2..params, params..24],
            [5, 4, 1],
        ),
        vec(any::<u16>(), 0..=returns),
        weighted(0.2),
    )
        .prop_map(|(conv, params, returns, near)| SignaturePlan {
            conv,
            params,
            returns,
            near,
        })
        .boxed()
}

fn function(
    role: BoxedStrategy<Role>,
    body: BoxedStrategy<Vec<Stmt>>,
) -> BoxedStrategy<FunctionPlan> {
    (
        (role, signature(7, 4), vec(any::<u16>(), 0..=2), body),
        (weighted(0.12), weighted(0.15), weighted(0.2)),
        (weighted(0.12), weighted(0.4), weighted(0.08)),
        prop_oneof![3 => 0..4_u8, 3 => 4..12_u8, 1 => 12..40_u8],
    )
        .prop_map(
            |(
                (role, signature, slots, body),
                (empty, site_first, site_last),
                (recursive, tail_call, stack_limit),
                keep,
            )| FunctionPlan {
                role,
                signature,
                slots,
                body,
                empty,
                site_first,
                site_last,
                recursive,
                tail_call,
                stack_limit,
                keep,
            },
        )
        .boxed()
}

fn small_body() -> BoxedStrategy<Vec<Stmt>> {
    sized(statement(1), [1..3, 2..7, 6..14], [5, 4, 1])
}

fn main_body() -> BoxedStrategy<Vec<Stmt>> {
    sized(statement(2), [2..5, 4..12, 12..32], [5, 4, 1])
}

/// One statement, with at most `depth` levels of control flow.
fn statement(depth: u32) -> BoxedStrategy<Stmt> {
    let simple = simple();
    if depth == 0 {
        return simple;
    }
    let inner = vec(statement(depth - 1), 0..4).boxed();
    prop_oneof![
        16 => simple,
        4 => control(inner),
    ]
    .boxed()
}

fn simple() -> BoxedStrategy<Stmt> {
    let raw = any::<u16>;
    prop_oneof![
        30 => operation().prop_map(Stmt::Op),
        16 => sized((raw(), raw()).boxed(), [1..2, 2..4, 4..9], [12, 3, 1]).prop_map(Stmt::Sites),
        7 => access().prop_map(Stmt::Access),
        2 => (prop_oneof![4 => 2..8_u8, 2 => 8..20_u8, 1 => 20..44_u8], raw(), raw())
            .prop_map(|(count, ty, raw)| Stmt::Pressure { count, ty, raw }),
        4 => (raw(), weighted(0.3), raw())
            .prop_map(|(callee, indirect, args)| Stmt::Call { callee, indirect, args }),
        2 => (raw(), weighted(0.25), raw())
            .prop_map(|(host, indirect, args)| Stmt::Host { host, indirect, args }),
        2 => access().prop_map(Stmt::Atomic),
        1 => (any::<u8>(), raw()).prop_map(|(action, site)| Stmt::Toggle { action, site }),
    ]
    .boxed()
}

fn control(inner: BoxedStrategy<Vec<Stmt>>) -> BoxedStrategy<Stmt> {
    let raw = any::<u16>;
    let carried = || vec(any::<u16>(), 0..4);
    prop_oneof![
        5 => (raw(), weighted(0.25), weighted(0.3), carried(), [inner.clone(), inner.clone()])
            .prop_map(|(cond, cold, one_armed, carried, arms)| Stmt::If {
                cond, cold, one_armed, carried, arms,
            }),
        5 => (1..5_u8, weighted(0.5), carried(), inner.clone())
            .prop_map(|(count, test_last, carried, body)| Stmt::Loop {
                count, test_last, carried, body,
            }),
        2 => (raw(), carried(), vec(inner.clone(), 1..5))
            .prop_map(|(index, carried, arms)| Stmt::Table { index, carried, arms }),
        1 => (raw(), inner.clone()).prop_map(|(cond, body)| Stmt::Return { cond, body }),
        1 => (any::<u8>(), raw(), inner)
            .prop_map(|(kind, cond, body)| Stmt::Trap { kind, cond, body }),
    ]
    .boxed()
}

fn operation() -> impl Strategy<Value = OpPlan> {
    let rows = u16::try_from(OPS.len()).expect("a table of some dozens");
    let raw = (any::<u16>(), any::<u16>(), any::<u16>());
    (0..rows, any::<u16>(), raw).prop_map(|(op, ty, (a, b, c))| OpPlan {
        op,
        ty,
        raw: [a, b, c],
    })
}

fn access() -> impl Strategy<Value = AccessPlan> {
    let raw = any::<u16>;
    (raw(), raw(), raw(), raw(), raw(), any::<u8>()).prop_map(
        |(kind, place, offset, ty, value, flags)| AccessPlan {
            kind,
            place,
            offset,
            ty,
            value,
            flags,
        },
    )
}
