//! Images that a machine is known not to execute, though their target's flags allow them.

use crate::image::CodeImage;
use crate::machine::lacking;
use crate::oracle::{decoded, needed_beyond};
use crate::timing::{self, Phase};

/// Why the machine does not execute `image`.
pub fn beyond(image: &CodeImage) -> Option<String> {
    let lacking = lacking(image.isa);
    let asked = |flag: &String| lacking.contains(&flag.as_str());
    if !image.extensions.iter().any(asked) {
        return None;
    }
    let code = timing::measure(Phase::Compare, || decoded(image));
    let lacking = needed_beyond(image, &code, lacking)?;
    Some(lacking.to_string())
}
