//! Which program comes next: handed out in order to all threads.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::plan::{Extent, Shard};

/// The numbers of the programs that are still to be judged.
pub struct Numbers<'a> {
    left: Mutex<Box<dyn Iterator<Item = u64> + Send>>,
    deadline: Option<Instant>,
    /// From outside, and our own.
    stop: [&'a AtomicBool; 2],
}

impl Numbers<'_> {
    /// The shard's numbers within the extent without those that are `done`, until `stop`.
    pub fn new<'a>(
        shard: Shard,
        extent: Extent,
        done: HashSet<u64>,
        stop: [&'a AtomicBool; 2],
    ) -> Numbers<'a> {
        let (limit, deadline) = match extent {
            Extent::Programs(count) => (count, None),
            Extent::Time(time) => (u64::MAX, Instant::now().checked_add(time)),
        };
        let numbers = shard.numbers().take_while(move |number| *number < limit);
        let left = numbers.filter(move |number| !done.contains(number));
        Numbers {
            left: Mutex::new(Box::new(left)),
            deadline,
            stop,
        }
    }

    /// The next one; `None` at the end.
    pub fn next(&self) -> Option<u64> {
        let late = self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        if late || self.stop.iter().any(|stop| stop.load(Ordering::Relaxed)) {
            return None;
        }
        let mut left = self.left.lock().unwrap_or_else(|e| e.into_inner());
        left.next()
    }

    /// Nobody gets any more.
    pub fn end(&self) {
        self.stop[1].store(true, Ordering::Relaxed);
    }
}
