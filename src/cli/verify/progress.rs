//! A progress bar for those who wait: on a terminal, and only after a second.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nobody has begun to wait before this.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts programs, and shows the count where someone waits for it.
pub struct Progress {
    bar: ProgressBar,
    /// When to begin to show it; `None` once it is shown or where it never is.
    show_at: Mutex<Option<Instant>>,
}

impl Progress {
    /// For `cases` programs that began at `start`.
    pub fn new(cases: usize, start: Instant) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}")
            .expect("the template names nothing but known keys");
        bar.set_style(style);
        let show_at = std::io::stderr().is_terminal().then_some(start + PATIENCE);
        Progress {
            bar,
            show_at: Mutex::new(show_at),
        }
    }

    /// One program is done. From any thread.
    pub fn step(&self) {
        self.bar.inc(1);
        let mut show_at = self.show_at.lock().unwrap_or_else(|e| e.into_inner());
        if show_at.is_some_and(|time| Instant::now() >= time) {
            *show_at = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Takes the bar away, before anything else is printed.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
