use patchproof::{
    codegen::*, image::link, isa::Isa, oracle::*, program::Program, scenario::*, verify::*,
};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let isa: Isa = args[0].parse().unwrap();
    let p = Program::load(args[1].as_ref()).unwrap();
    let t = p.targets_of(isa).next().unwrap().clone();
    let n = 200u32;
    let mut v = Verifier::new(Options {
        worker: "target/debug/patchproof".into(),
        scenario: Some("live".parse().unwrap()),
        fuel: 1_000_000,
    });
    v.verify(&p, isa, &Cranelift).unwrap();
    let s = Instant::now();
    for _ in 0..n {
        std::hint::black_box(Cranelift.compile(&p, &t).unwrap());
    }
    let c = s.elapsed() / n;
    let comp = Cranelift.compile(&p, &t).unwrap();
    let s = Instant::now();
    for _ in 0..n {
        std::hint::black_box(link(isa, &p.interface, &comp).unwrap());
    }
    let l = s.elapsed() / n;
    let img = link(isa, &p.interface, &comp).unwrap();
    let mut m = patchproof::worker::machine(isa).unwrap();
    let sites = p.interface.sites.len();
    let mk = |k: usize| Job {
        image: img.clone(),
        interface: (*p.interface).clone(),
        calls: (0..k)
            .map(|i| Call {
                function: p.invocations[0].function,
                args: p.invocations[0].args.clone(),
                sites_live: vec![i % 2 == 0; sites],
            })
            .collect(),
        fuel: 1_000_000,
    };
    let time = |m: &mut Box<dyn patchproof::machine::Machine>, k: usize| {
        let s = Instant::now();
        for _ in 0..n {
            std::hint::black_box(execute(m.as_mut(), mk(k)).unwrap());
        }
        s.elapsed() / n
    };
    let e0 = time(&mut m, 0);
    let e1 = time(&mut m, 1);
    let e2 = time(&mut m, 2);
    let e10 = time(&mut m, 10);
    println!(
        "{isa} compile {c:?} link {l:?} exec0 {e0:?} exec1 {e1:?} exec2 {e2:?} exec10 {e10:?}"
    );
    let runs = v
        .replay(&p, isa, &Cranelift, &"toggled".parse().unwrap())
        .unwrap();
    let ev = Evidence {
        interface: &p.interface,
        image: &img,
        runs: &runs,
    };
    for o in ORACLES {
        let s = Instant::now();
        for _ in 0..n {
            std::hint::black_box(o.judge(&ev));
        }
        println!("   oracle {:?} {:?}", o.check(), s.elapsed() / n);
    }
    let s = Instant::now();
    for _ in 0..n {
        let r = patchproof::reference::Reference::new(&p);
        for i in [true, false] {
            let _ = std::hint::black_box(r.predict(&p.invocations[0], &vec![i; sites], 1000000));
        }
    }
    println!("   predict pair {:?}", s.elapsed() / n);
}
