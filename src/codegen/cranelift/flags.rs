//! A target's flags as names and values, on the way to a builder of any release.

use std::cell::RefCell;
use std::rc::Rc;

use cranelift_codegen::isa::{self, TargetIsa};
use cranelift_codegen::settings;
use rustc_hash::FxHashMap;
use target_lexicon::Triple;

/// The flag that makes Cranelift tell where blocks start. It changes no code.
pub const TELL_BLOCKS: &str = "machine_code_cfg_info";

/// A flag of the newest release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name.
    pub name: &'static str,
    /// Its value as text.
    pub value: String,
    /// Whether it has the value that it has by default. A release that lacks such a flag has
    /// not learnt yet what it switches on.
    pub is_default: bool,
}

/// All flags of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Those of every ISA.
    pub shared: Vec<Flag>,
    /// Those of this ISA.
    pub isa: Vec<Flag>,
}

impl Flags {
    /// The flags of `target`.
    pub fn of(target: &dyn TargetIsa) -> Flags {
        let defaults = defaults(target.triple());
        let flags = |value: settings::Value| {
            let text = value.value_string();
            Flag {
                name: value.name,
                is_default: defaults.get(value.name) == Some(&text),
                value: text,
            }
        };
        Flags {
            shared: target.flags().iter().map(flags).collect(),
            isa: target.isa_flags().into_iter().map(flags).collect(),
        }
    }
}

/// Values by names. No ISA has a flag of a name that all have.
type Defaults = Rc<FxHashMap<&'static str, String>>;

thread_local! {
    /// The default flags of each triple that was asked for: there are as many as ISAs.
    static DEFAULTS: RefCell<FxHashMap<Triple, Defaults>> = RefCell::default();
}

/// The values that all flags of a target have where nothing is set; none for a triple that the
/// newest release lacks.
fn defaults(triple: &Triple) -> Defaults {
    DEFAULTS.with_borrow_mut(|known| {
        if let Some(defaults) = known.get(triple) {
            return Rc::clone(defaults);
        }
        let plain = settings::Flags::new(settings::builder());
        let plain = isa::lookup(triple.clone())
            .ok()
            .and_then(|builder| builder.finish(plain).ok());
        let values = plain.iter().flat_map(|plain| {
            let shared = plain.flags().iter().collect::<Vec<_>>();
            shared.into_iter().chain(plain.isa_flags())
        });
        let defaults = values.map(|value| (value.name, value.value_string()));
        let defaults = Defaults::new(defaults.collect());
        known.insert(triple.clone(), Rc::clone(&defaults));
        defaults
    })
}
