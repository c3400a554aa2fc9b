//! What a program compiles to on one ISA, for people and snapshots: settings, NOP units, sites,
//! then the code. Names no release, so that snapshots of two releases differ only in code.

use std::fmt::Write;

use crate::code_generators::short_name;
use crate::codegen::{CodeGenerator, CodegenError};
use crate::disasm::{RenderMode, hex, render};
use crate::image::{CodeImage, LinkError, PatchSite, link};
use crate::isa::Isa;
use crate::program::{Program, Target};

/// Why there is nothing to list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// The program's header leaves the ISA out.
    #[error("the program's header has no target {0}")]
    NoTarget(Isa),
    /// The generator gave no code.
    #[error(transparent)]
    Codegen(#[from] CodegenError),
    /// The code cannot be linked.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// The listing for each of the program's targets of `isa`.
///
/// # Errors
/// When one of them does not compile or link.
pub fn listing(
    program: &Program,
    isa: Isa,
    generator: &dyn CodeGenerator,
    mode: RenderMode,
) -> Result<String, ListingError> {
    let mut text = String::new();
    for target in program.targets_of(isa) {
        if !text.is_empty() {
            text.push('\n');
        }
        text += &one(program, target, generator, mode)?;
    }
    if text.is_empty() {
        return Err(ListingError::NoTarget(isa));
    }
    Ok(text)
}

fn one(
    program: &Program,
    target: &Target,
    generator: &dyn CodeGenerator,
    mode: RenderMode,
) -> Result<String, ListingError> {
    let compiled = generator.compile(program, target)?;
    let image = link(target.isa, &program.interface, &compiled)?;
    let mut text = head(program, target, generator);
    let units: Vec<String> = image.nop_units.iter().map(|unit| hex(unit)).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "NOP units: {}", units.join(", "));
    for site in &image.sites {
        text += &site_lines(&image, site);
    }
    text.push('\n');
    text += &render(&image, mode);
    Ok(text)
}

fn head(program: &Program, target: &Target, generator: &dyn CodeGenerator) -> String {
    let name = short_name(generator);
    let mut text = format!("{} for {} from {name}\n", program.name, target.isa);
    let settings = program.settings_for(target.isa);
    for line in settings.iter().filter(|line| line.starts_with("set ")) {
        let _ = writeln!(text, "{line}");
    }
    if !target.flags.is_empty() {
        let _ = writeln!(text, "target {} {}", target.isa, target.flags);
    }
    text
}

fn site_lines(image: &CodeImage, site: &PatchSite) -> String {
    let id = site
        .id
        .map_or("no patchable call".to_owned(), |id| id.to_string());
    let nops = match image.nop_bytes(site) {
        Ok(bytes) => hex(&bytes),
        Err(error) => error.to_string(),
    };
    format!(
        "{id}: {} bytes at {}\n    live   {}\n    NOPed  {nops}\n",
        site.len,
        image.describe(site.start()),
        hex(&site.live),
    )
}
