//! Scratch
use patchproof::{codegen::Cranelift, isa::Isa, oracle::Verdict, program::Program, verify::*};
fn main() {
    if std::env::args().nth(1).as_deref() == Some("worker") {
        patchproof::worker::serve().unwrap();
        return;
    }
    let mut v = Verifier::new(Options {
        worker: std::env::current_exe().unwrap(),
        scenario: None,
        fuel: 1_000_000,
    });
    let args: Vec<String> = std::env::args().skip(1).collect();
    let isas: Vec<Isa> = args[0].split(',').map(|s| s.parse().unwrap()).collect();
    for f in &args[1..] {
        let p = match Program::load(f.as_ref()) {
            Ok(p) => p,
            Err(e) => {
                println!("ERR {e}");
                continue;
            }
        };
        for (isa, _, o) in v.verify_all(&p, &isas, &[&Cranelift]) {
            match o {
                Err(e) => println!("{} {isa} ERROR {e}", p.name),
                Ok(o) => match o.verdict {
                    Verdict::Pass => println!(
                        "{} {isa} pass sites {} runs {} hits {}",
                        p.name, o.sites, o.runs, o.hook_hits
                    ),
                    Verdict::Fail(l) => {
                        println!("{} {isa} FAIL", p.name);
                        for d in l.iter().take(6) {
                            println!("     {:?} {}", d.check, d.message)
                        }
                    }
                    Verdict::Inconclusive(r) => println!("{} {isa} inconclusive {r}", p.name),
                    Verdict::Unsupported(r) => println!("{} {isa} unsupported {r}", p.name),
                },
            }
        }
    }
}
