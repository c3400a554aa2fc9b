//! `releases` and `bisect`.

use super::*;

#[test]
fn a_release_that_is_not_built_in_is_named_with_what_would_build_it() {
    let folder = Folder::new().with("a.clif", good());
    let ran = folder.run(&["verify", "a.clif", "--generator", "cranelift@0.135.99"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("0.135.99 of cranelift is not built in"),
        "{}",
        ran.err
    );
    let ran = folder.run(&["verify", "a.clif", "--generator", "cranelift@0.126"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("unknown generator"), "{}", ran.err);
    let ran = folder.run(&["releases"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("cranelift@0.127"), "{}", ran.out);
    assert!(ran.out.contains("built in always"), "{}", ran.out);
}

#[test]
fn bisect_says_what_each_release_does() {
    let folder = Folder::new().with("a.clif", good());
    let newest = [
        "bisect",
        "a.clif",
        "--isa",
        "x86_64",
        "--generator",
        "cranelift",
    ];
    let ran = folder.run(&newest);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("good"), "{}", ran.out);
    assert!(ran.out.contains("no release is bad"), "{}", ran.out);
    let known = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus/known/x86-64-stack-limit-overwrites-r10.clif");
    let known = known.to_str().unwrap();
    let ran = folder.run(&["bisect", known, "--generator", "cranelift"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.out.contains("bad   lockstep: register r10"),
        "{}",
        ran.out
    );
    let ran = folder.run(&[
        "bisect",
        known,
        "--generator",
        "cranelift",
        "--check",
        "toggle",
    ]);
    assert!(ran.out.contains("no release is bad"), "{}", ran.out);
    let ran = folder.run(&["bisect", known, "--isa", "s390x"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("does not name s390x"), "{}", ran.err);
}
