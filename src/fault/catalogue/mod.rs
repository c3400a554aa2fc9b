//! The catalogue, a file a class.

mod arguments;
mod call_site;
mod generator;
mod hook;
mod link;
mod metadata;
mod nops;
mod patch;
mod platform;
mod registers;
mod suite;

use super::Fault;

/// All faults, class by class.
pub fn catalogue() -> Vec<Fault> {
    let classes = [
        metadata::faults(),
        nops::faults(),
        call_site::faults(),
        hook::faults(),
        platform::faults(),
        link::faults(),
        patch::faults(),
        generator::faults(),
        suite::faults(),
    ];
    classes.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Class, On};
    use crate::isa::Isa;

    #[test]
    fn names_are_unique_and_every_class_is_on_every_executable_isa() {
        let all = catalogue();
        let mut names: Vec<&str> = all.iter().map(|fault| fault.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_executable()) {
            for class in Class::ALL {
                let exists = |fault: &&Fault| {
                    fault.class == class
                        && matches!((fault.on)(isa), On::Instances(list) if !list.is_empty())
                };
                assert!(all.iter().find(exists).is_some(), "{class} on {isa}");
            }
        }
    }

    #[test]
    fn instances_of_a_fault_differ_in_their_labels() {
        for fault in catalogue() {
            for isa in Isa::ALL {
                let On::Instances(instances) = (fault.on)(isa) else {
                    continue;
                };
                let mut labels: Vec<&str> = instances.iter().map(|i| i.label.as_str()).collect();
                labels.sort_unstable();
                let count = labels.len();
                labels.dedup();
                assert_eq!(labels.len(), count, "{} on {isa}", fault.name);
            }
        }
    }
}
