//! Sessions on a guest without a machine: what is recorded, and how hostile the host is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::abi::{Junk, call_layout, preserved};
use super::super::fake::FakeCpu;
use super::super::{Cpu, Event, Exit, Flow, Pass, RegisterRole, RegisterTable};
use super::{Plan, Session, hostile};
use crate::image::{CodeImage, ImageFunction, Layout, PatchSite, Rebuild};
use crate::isa::Isa;
use crate::program::{
    CallConv, Extension, FunctionDecl, HostcallDecl, Interface, Param, Purpose, Signature,
    SiteDecl, SiteId, Ty, Value,
};

const START: u64 = 0x10;
const RET: u64 = 0x15;
const HOOK: u64 = 0x40;

fn executable() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_executable())
}

fn signature(call_conv: CallConv, params: &[Ty]) -> Signature {
    let param = |ty: &Ty| Param {
        ty: *ty,
        extension: Extension::None,
        purpose: Purpose::Normal,
    };
    Signature {
        call_conv,
        params: params.iter().map(param).collect(),
        returns: Vec::new(),
    }
}

/// `%main` with one site of five bytes, `%hook(i64)`, and the hostcall `%patch_toggle(i32)`.
struct Rig {
    cpu: FakeCpu,
    session: Session,
    code: u64,
    isa: Isa,
}

impl Rig {
    fn new(isa: Isa) -> Rig {
        Rig::with(isa, None)
    }

    fn with(isa: Isa, rebuild: Option<Rebuild>) -> Rig {
        let code = Layout::of(isa).code;
        let function = |name: &str, is_hook, params: &[Ty]| FunctionDecl {
            name: name.to_owned(),
            signature: signature(CallConv::SystemV, params),
            is_hook,
        };
        let interface = Interface {
            functions: vec![
                function("%main", false, &[]),
                function("%hook", true, &[Ty::int(64)]),
            ],
            sites: vec![SiteDecl {
                id: SiteId(0),
                function: 0,
                hook: 1,
                reachable: true,
                ordinary_too: false,
                text: String::new(),
            }],
            hostcalls: vec![HostcallDecl {
                name: "%patch_toggle".to_owned(),
                signature: signature(CallConv::SystemV, &[Ty::int(32)]),
            }],
            ..Interface::default()
        };
        let names = [("%main", code), ("%hook", code + HOOK)];
        let image = CodeImage {
            isa,
            base: code,
            bytes: vec![0xaa; 0x80],
            functions: names
                .map(|(name, start)| ImageFunction {
                    name: name.to_owned(),
                    start,
                    end: start + 0x40,
                    call_returns: Vec::new(),
                    stack_maps: Vec::new(),
                    blocks: Vec::new(),
                    relocations: Vec::new(),
                })
                .into(),
            symbols: names.map(|(name, start)| (name.to_owned(), start)).into(),
            sites: vec![PatchSite {
                rebuild,
                ..PatchSite::live(Some(SiteId(0)), 0, code + RET, vec![0xaa; 5])
            }],
            nop_units: vec![vec![0x11]],
            traps: BTreeMap::new(),
            extensions: Vec::new(),
            scratch: Vec::new(),
            bytecode: crate::releases::Bytecode::NEWEST,
        };
        let plan = Plan::new(Arc::new(image), Arc::new(interface), &[0]).unwrap();
        let mut cpu = FakeCpu::new(isa);
        let mut session = Session::new(Arc::new(plan), vec![true], 3);
        session.enter(&mut cpu, 0, &[]).unwrap();
        Rig {
            cpu,
            session,
            code,
            isa,
        }
    }

    fn table(&self) -> &'static RegisterTable {
        RegisterTable::of(self.isa)
    }

    fn at(&mut self, offset: u64) {
        let address = self.code + offset;
        assert_eq!(
            self.session.breakpoint(&mut self.cpu, address),
            Flow::Continue
        );
    }

    fn sp(&mut self) -> u64 {
        u64::try_from(self.cpu.read(self.table().sp)).unwrap()
    }

    fn move_sp(&mut self, by: i64) {
        let sp = self.sp().wrapping_add_signed(by);
        self.cpu.write(self.table().sp, sp.into());
    }

    /// Enters the hook as a call does, from the site or elsewhere.
    fn call_hook(&mut self, from: u64) {
        let return_address = self.code + from;
        match self.table().link {
            Some(link) => self.cpu.write(link, return_address.into()),
            None => {
                self.move_sp(-8);
                let sp = self.sp();
                self.cpu.store(sp, &return_address.to_le_bytes()).unwrap();
            }
        }
        self.at(HOOK);
    }

    fn return_from_hook(&mut self) {
        if self.table().link.is_none() {
            self.move_sp(8);
        }
    }

    fn events(self) -> Vec<Event> {
        let Rig {
            mut cpu, session, ..
        } = self;
        session.finish(&mut cpu, Exit::OutOfFuel).events
    }
}

fn site_of(event: &Event) -> Option<SiteId> {
    match event {
        Event::HookEntry { site, .. } => *site,
        other => panic!("{other:?}"),
    }
}

fn pass(event: &Event) -> &Pass {
    match event {
        Event::Pass(pass) => pass,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pass_has_the_arguments_and_what_changed_at_full_width() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        let widest = rig
            .table()
            .ids()
            .find(|id| rig.table().info(*id).bytes == 16);
        let widest = widest.unwrap_or_else(|| rig.table().by_role(RegisterRole::Float(9)).unwrap());
        rig.cpu.write(widest, 0);
        rig.at(START);
        let sp = rig.sp();
        rig.call_hook(RET);
        let top = 1 << (8 * u32::from(rig.table().info(widest).bytes) - 1);
        rig.cpu.write(widest, top);
        rig.cpu.store(sp + 3, &[0x77, 0x78]).unwrap();
        rig.return_from_hook();
        rig.at(RET);
        let events = rig.events();
        let seen = pass(&events[0]);
        let end = seen.end.as_ref().expect("it ended");
        let change = end.registers.iter().find(|c| c.register == widest);
        assert_eq!(change.map(|c| (c.before, c.after)), Some((0, top)), "{isa}");
        assert_eq!(end.stack.len(), 1, "{isa} {:?}", end.stack);
        assert_eq!(
            (end.stack[0].offset, &end.stack[0].after[..]),
            (3, &[0x77, 0x78][..])
        );
        let Event::HookEntry { args, .. } = &events[1] else {
            panic!("{events:?}");
        };
        assert_eq!((&seen.args, args.len()), (args, 1), "{isa}");
        assert_eq!(
            (site_of(&events[1]), seen.sp),
            (Some(SiteId(0)), sp),
            "{isa}"
        );
    }
}

#[test]
fn entries_from_elsewhere_and_by_a_tail_call_of_the_hook_are_no_sites() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        rig.call_hook(RET + 1);
        rig.return_from_hook();
        rig.at(START);
        rig.call_hook(RET);
        rig.at(HOOK);
        let events = rig.events();
        assert_eq!(site_of(&events[0]), None, "{isa}");
        assert_eq!(site_of(&events[2]), Some(SiteId(0)), "{isa}");
        assert_eq!(site_of(&events[3]), None, "{isa}");
    }
}

#[test]
fn recursion_through_a_site_ends_each_pass_by_its_own_stack_pointer() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        rig.at(START);
        rig.call_hook(RET);
        rig.move_sp(-64);
        rig.at(START);
        rig.call_hook(RET);
        rig.return_from_hook();
        rig.at(RET);
        rig.move_sp(64);
        rig.return_from_hook();
        rig.at(RET);
        let events = rig.events();
        let sites: Vec<_> = [1, 3].map(|i| site_of(&events[i])).into();
        assert_eq!(sites, [Some(SiteId(0)); 2], "{isa}");
        let (outer, inner) = (pass(&events[0]), pass(&events[2]));
        assert!(outer.end.is_some() && inner.end.is_some(), "{isa}");
        assert_eq!(
            (outer.low_arrival, inner.low_arrival),
            (None, None),
            "{isa}"
        );
        assert!(inner.sp < outer.sp);
    }
}

#[test]
fn the_stack_pointer_is_read_again_behind_the_code_that_puts_it_right() {
    const POPPED: i64 = 32;
    let rebuild = Rebuild { popped: 32, len: 7 };
    for isa in executable() {
        let mut rig = Rig::with(isa, Some(rebuild));
        for live in [true, false] {
            rig.at(START);
            if live {
                rig.call_hook(RET);
                rig.return_from_hook();
                rig.move_sp(POPPED);
            }
            rig.at(RET);
            if live {
                rig.move_sp(-POPPED);
            }
            rig.at(RET + 7);
            // From elsewhere it is nobody's.
            rig.move_sp(-16);
            rig.at(RET + 7);
            rig.move_sp(16);
        }
        // A pass that goes astray behind the site, and comes back later.
        rig.at(START);
        rig.at(RET);
        rig.at(HOOK);
        rig.at(RET + 7);
        let events = rig.events();
        let passes = events.iter().filter_map(|event| match event {
            Event::Pass(pass) => Some(pass),
            _ => None,
        });
        let seen: Vec<_> = passes.map(|p| p.rebuilt_sp.map(|sp| sp == p.sp)).collect();
        assert_eq!(seen, [Some(true), Some(true), None], "{isa}");
    }
}

#[test]
fn an_arrival_with_the_stack_pointer_too_low_is_kept_aside() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        rig.at(START);
        rig.move_sp(-16);
        let low = rig.sp();
        rig.at(RET);
        let events = rig.events();
        assert_eq!(
            (&pass(&events[0]).end, pass(&events[0]).low_arrival),
            (&None, Some(low))
        );
    }
}

#[test]
fn a_toggle_from_inside_a_hook_acts_from_the_next_pass_on() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        let stub = Layout::of(isa).stub(0);
        for live in [true, false, true] {
            rig.at(START);
            rig.call_hook(RET);
            let toggle = signature(CallConv::SystemV, &[Ty::int(32)]);
            let layout = call_layout(isa, &toggle).unwrap();
            let sp = rig.sp();
            let site = Value::new(Ty::int(32), 0);
            let place = &layout.params[0];
            super::abi::write(&mut rig.cpu, place, site, sp, &mut 0, &mut Junk::new(1)).unwrap();
            assert_eq!(rig.session.breakpoint(&mut rig.cpu, stub), Flow::Continue);
            assert_eq!(rig.session.sites_live(), [!live], "{isa}");
            let bytes = if live { vec![0x11; 5] } else { vec![0xaa; 5] };
            assert_eq!(
                rig.cpu.code_writes.last(),
                Some(&(rig.code + START, bytes)),
                "{isa}"
            );
            rig.return_from_hook();
            rig.at(RET);
        }
        let events = rig.events();
        let live: Vec<bool> = [0, 3, 6].map(|i| pass(&events[i]).live).into();
        assert_eq!(live, [true, false, true], "{isa}");
    }
}

#[test]
fn a_stub_without_hostcall_stops_the_run_and_fuel_ends() {
    let mut rig = Rig::new(Isa::X86_64);
    let layout = Layout::of(Isa::X86_64);
    for address in [layout.stub(0) + 1, layout.stub(1), layout.exit() - 1] {
        assert_eq!(rig.session.breakpoint(&mut rig.cpu, address), Flow::Stop);
    }
    assert_eq!(
        [1, 1, 1, 1].map(|amount| rig.session.burn(amount)),
        [true, true, true, false]
    );
}

#[test]
fn the_host_overwrites_all_that_a_callee_may_and_nothing_else() {
    for isa in executable() {
        let table = RegisterTable::of(isa);
        let layout = call_layout(isa, &signature(CallConv::SystemV, &[Ty::int(64); 20])).unwrap();
        let kept = preserved(isa, CallConv::SystemV);
        let mut touched = vec![0u128; table.registers.len()];
        let mut own = vec![0u8; 4096];
        for seed in 0..64 {
            let mut cpu = FakeCpu::new(isa);
            let sp = cpu.base + 2048;
            cpu.write(table.sp, sp.into());
            hostile::clobber(
                &mut cpu,
                CallConv::SystemV,
                &layout,
                sp,
                &mut Junk::new(seed),
            );
            for id in table.ids().filter(|id| *id != table.sp) {
                touched[usize::from(id.0)] |= cpu.read(id);
            }
            let base = cpu.base;
            assert_eq!(cpu.read(table.sp), sp.into(), "{isa}");
            for (all, byte) in own.iter_mut().zip(cpu.bytes(base, 4096)) {
                *all |= byte;
            }
        }
        for id in table.ids() {
            let info = table.info(id);
            let mask = kept.mask(id);
            let full = u128::MAX >> (128 - 8 * u32::from(info.bytes));
            let seen = touched[usize::from(id.0)];
            assert_eq!(seen & mask, 0, "{isa} {}", info.name);
            if matches!(
                info.role,
                RegisterRole::Int(_) | RegisterRole::Float(_) | RegisterRole::Vector(_)
            ) && Some(id) != table.link
                && id != table.sp
            {
                assert_eq!(seen, full & !mask, "{isa} {}", info.name);
            }
        }
        let dead = usize::try_from(hostile::DEAD_STACK_BYTES).unwrap();
        let area = i64::try_from(layout.argument_area).unwrap();
        for (index, byte) in own.iter().enumerate() {
            let offset = index as i64 - 2048;
            let may = (-(dead as i64)..0).contains(&offset)
                || ((0..area).contains(&offset) && !layout.reserved.contains(&(offset as u64)));
            assert_eq!(*byte != 0, may, "{isa} sp{offset:+}");
        }
    }
}

#[test]
fn an_entry_starts_the_same_whatever_was_there_before() {
    for isa in executable() {
        let mut fresh = Rig::new(isa);
        let expected = fresh.cpu.registers();
        let mut used = Rig::new(isa);
        for id in used.table().ids() {
            used.cpu.write(id, u128::MAX);
        }
        used.session.enter(&mut used.cpu, 0, &[]).unwrap();
        assert_eq!(used.cpu.registers(), expected, "{isa}");
        let control = |name: &str| match name {
            "mxcsr" => 0x1f80,
            "fpcw" => 0x37f,
            _ => 0,
        };
        for id in used.table().ids() {
            let info = used.table().info(id);
            if matches!(info.role, RegisterRole::Control(_)) {
                assert_eq!(expected.get(id), control(info.name), "{isa} {}", info.name);
            }
        }
    }
}

#[test]
fn a_run_that_records_without_end_ends() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        for _ in 0..20_000 {
            rig.at(START);
            rig.at(RET);
        }
        assert!(!rig.session.burn(1), "{isa}");
    }
}

#[test]
fn a_thousand_passes_are_well_within_what_a_run_may_record() {
    for isa in executable() {
        let mut rig = Rig::new(isa);
        for _ in 0..1_000 {
            rig.at(START);
            rig.at(RET);
        }
        assert!(rig.session.burn(1), "{isa}");
    }
}

#[test]
fn zeros_at_the_end_are_no_contents() {
    for length in [0, 1, 63, 64, 65, 100, 4096] {
        let zeros = vec![0; length];
        assert_eq!(super::plan::used(&zeros), 0);
        for last in 0..length {
            let mut bytes = zeros.clone();
            bytes[0] = 1;
            bytes[last] = 1;
            assert_eq!(super::plan::used(&bytes), last + 1, "of {length}");
        }
    }
}
