//! Faults injected on purpose: a suite that prints green is worth what it would have caught.
//!
//! The catalogue lists what a code generator, a linker, a patcher or the suite itself could get
//! wrong, each as the smallest corruption of something that is right otherwise. A fault is a pure
//! function of a [`Subject`], a program that passes every check without it: so whatever an oracle
//! says with the fault in, it says because of the fault. The measure takes the programs of the
//! corpus and then generated ones, in their order, until one is caught.
//!
//! There are three means, and each fault says which one it uses. [`Means::Image`] changes
//! metadata or emitted bytes, which is the real thing. [`Means::Run`] changes the guest's state at
//! a site, a hook's entry or a return, and stands for code that does the same: it reaches every
//! register on every ISA, whatever the generator emits. [`Means::Suite`] breaks the patcher or
//! the suite's own view.
//!
//! What changes nothing that the contract promises is no fault to catch, and is never waved
//! through: the catalogue has it with the argument why.

mod catalogue;
mod code;
mod measure;
mod subject;

pub use catalogue::catalogue;
pub use measure::{Outcome, Plan, Report, Row, measure};
pub use subject::{Subject, Subjects};

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

use crate::codegen::Compiled;
use crate::image::CodeImage;
use crate::isa::Isa;
use crate::machine::tampering::Tampering;

/// Who got it wrong, or where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Patch metadata.
    Metadata,
    /// NOP units.
    Nops,
    /// The code around a patchable call.
    CallSite,
    /// A hook of the no-clobber ABI.
    Hook,
    /// Hooks and functions of the platform's ABIs.
    Platform,
    /// Relocations.
    Link,
    /// Whoever writes NOPs and live bytes.
    Patch,
    /// All else that a code generator does.
    Generator,
    /// The suite itself.
    Suite,
}

impl Class {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Class; 9] = [
        Class::Metadata,
        Class::Nops,
        Class::CallSite,
        Class::Hook,
        Class::Platform,
        Class::Link,
        Class::Patch,
        Class::Generator,
        Class::Suite,
    ];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Class::Metadata => "metadata",
            Class::Nops => "nops",
            Class::CallSite => "call-site",
            Class::Hook => "hook",
            Class::Platform => "platform",
            Class::Link => "link",
            Class::Patch => "patch",
            Class::Generator => "generator",
            Class::Suite => "suite",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Class, String> {
        let named = Class::ALL
            .into_iter()
            .find(|class| class.name() == text.trim());
        named.ok_or_else(|| {
            let names = Class::ALL.map(Class::name).join(", ");
            format!("unknown class '{text}': expected one of {names}")
        })
    }
}

/// What a fault is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Other metadata, relocations or code bytes.
    Image,
    /// The guest's state, changed while it runs.
    Run,
    /// A patcher or a suite that does wrong.
    Suite,
}

/// One entry of the catalogue.
pub struct Fault {
    /// Name, unique in the catalogue.
    pub name: &'static str,
    /// Class.
    pub class: Class,
    /// Means.
    pub means: Means,
    /// The bug that it stands for, in a sentence.
    pub bug: &'static str,
    /// What there is of it on an ISA.
    pub on: fn(Isa) -> On,
}

/// What there is of a fault on an ISA.
pub enum On {
    /// These instances.
    Instances(Vec<Instance>),
    /// Nothing, and why.
    Never(&'static str),
}

/// A fault at one register, length or place.
pub struct Instance {
    /// What tells it from the fault's other instances; may be empty.
    pub label: String,
    /// Puts it into a subject.
    pub inject: Inject,
}

/// Puts a fault into a subject.
pub type Inject = Arc<dyn Fn(&Subject) -> Placement + Send + Sync>;

/// What comes of putting a fault into a subject.
pub enum Placement {
    /// It is in.
    In(Box<Injected>),
    /// The program has no place for it.
    NoPlace,
    /// It would change nothing that the contract promises, and why.
    Equivalent(&'static str),
    /// No program of the ISA has a place for it, and why.
    Never(&'static str),
}

/// A subject with a fault in it.
pub enum Injected {
    /// Before linking.
    Compiled(Compiled),
    /// After linking.
    Image(CodeImage),
    /// While it runs.
    Run(Tampering),
    /// The generator gives up, with this message.
    Failed(String),
}

impl Placement {
    fn compiled(compiled: Option<Compiled>) -> Placement {
        Placement::of(compiled.map(Injected::Compiled))
    }

    fn image(image: Option<CodeImage>) -> Placement {
        Placement::of(image.map(Injected::Image))
    }

    fn run(tampering: Option<Tampering>) -> Placement {
        Placement::of(tampering.map(Injected::Run))
    }

    fn of(injected: Option<Injected>) -> Placement {
        injected.map_or(Placement::NoPlace, |injected| {
            Placement::In(Box::new(injected))
        })
    }
}

impl Instance {
    fn new(
        label: impl Into<String>,
        inject: impl Fn(&Subject) -> Placement + Send + Sync + 'static,
    ) -> Instance {
        Instance {
            label: label.into(),
            inject: Arc::new(inject),
        }
    }
}
