//! A bar for those who wait: programs a second, verdicts, time left. On a terminal only.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::campaign::{Extent, Plan, Tally, Verdict};

/// Shows how a campaign goes.
pub struct Progress {
    bar: ProgressBar,
    start: Instant,
    extent: Extent,
}

impl Progress {
    /// For a campaign that begins now.
    pub fn new(plan: &Plan) -> Progress {
        let length = match plan.extent {
            Extent::Programs(count) => count.div_ceil(plan.shard.count()),
            Extent::Time(time) => time.as_secs(),
        };
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        let style = ProgressStyle::with_template("{bar:30} {elapsed} of {duration}  {msg}")
            .expect("the template names nothing but known keys");
        bar.set_style(style);
        Progress {
            bar,
            start: Instant::now(),
            extent: plan.extent,
        }
    }

    /// After each program.
    pub fn show(&self, tally: &Tally) {
        if self.bar.is_hidden() {
            return;
        }
        let elapsed = self.start.elapsed();
        self.bar.set_position(match self.extent {
            Extent::Programs(_) => tally.programs,
            Extent::Time(_) => elapsed.as_secs(),
        });
        self.bar.set_message(message(tally, elapsed));
    }

    /// Takes the bar away, before anything else is printed.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn message(tally: &Tally, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = tally.programs as f64 / seconds;
    let counts = Verdict::ALL.map(|verdict| (verdict.name(), tally.of(verdict)));
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    format!("{rate:.0} programs/s  {}", counts.join(", "))
}
