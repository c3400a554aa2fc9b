//! The parent's ends of a child's pipes.
//!
//! Either pipe may take for ever: a child may neither read nor write. So neither is ever waited for
//! alone, nor without a deadline. A thread for each child did that once, and each frame woke it and
//! then us; now what a pipe takes or has at once costs one system call, and `poll` waits for both.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::process::{ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;

use super::frame::{self, HEAD, Unsendable};

/// Bytes of replies for which there is always room.
const ROOM: usize = 256 << 10;

/// Why there is no frame.
pub enum Failure {
    /// The deadline is over.
    Late,
    /// The child has closed a pipe.
    Ended,
    /// What came is no frame.
    Garbled(String),
}

/// Both pipes, with what is on its way.
pub struct Pipes {
    input: ChildStdin,
    output: ChildStdout,
    /// A frame of which the first `sent` bytes are written.
    outgoing: Vec<u8>,
    sent: usize,
    /// What was read, in `unread`; the rest is room.
    incoming: Vec<u8>,
    unread: Range<usize>,
}

impl Pipes {
    /// The ends of a child that has just started.
    ///
    /// # Errors
    /// When the system does not let us look without waiting.
    pub fn new(input: ChildStdin, output: ChildStdout) -> io::Result<Pipes> {
        rustix::io::ioctl_fionbio(&input, true)?;
        rustix::io::ioctl_fionbio(&output, true)?;
        Ok(Pipes {
            input,
            output,
            outgoing: Vec::new(),
            sent: 0,
            incoming: vec![0; ROOM],
            unread: 0..0,
        })
    }

    /// Begins to send a frame; [`Pipes::receive`] goes on with it.
    ///
    /// # Errors
    /// When `request` does not fit a frame.
    pub fn send(&mut self, request: &impl Serialize) -> Result<(), Unsendable> {
        self.sent = 0;
        let filled = frame::fill(&mut self.outgoing, request);
        if filled.is_err() {
            self.outgoing.clear();
        }
        filled
    }

    /// The contents of the next frame, waited for until `deadline`.
    ///
    /// # Errors
    /// When there is none.
    pub fn receive(&mut self, deadline: Instant) -> Result<&[u8], Failure> {
        let frame = loop {
            if let Some(frame) = self.whole_frame()? {
                break frame;
            }
            let wrote = self.write()?;
            if !self.read()? && !wrote {
                self.wait(deadline)?;
            }
        };
        self.unread.start = frame.end;
        Ok(&self.incoming[frame])
    }

    /// Where the next frame's contents lie, if all of it is there.
    fn whole_frame(&self) -> Result<Option<Range<usize>>, Failure> {
        let unread = &self.incoming[self.unread.clone()];
        let Some(head) = unread.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = frame::length(*head).map_err(|error| Failure::Garbled(error.to_string()))?;
        let start = self.unread.start + HEAD;
        let end = start + length;
        Ok((end <= self.unread.end).then_some(start..end))
    }

    /// Writes what the pipe takes at once; false when it takes nothing, or nothing is left.
    fn write(&mut self) -> Result<bool, Failure> {
        let rest = &self.outgoing[self.sent..];
        if rest.is_empty() {
            return Ok(false);
        }
        let written = at_once(|| self.input.write(rest))?;
        self.sent += written.unwrap_or(0);
        Ok(written.is_some())
    }

    /// Reads what the pipe has at once; false when it has nothing.
    fn read(&mut self) -> Result<bool, Failure> {
        self.make_room();
        let room = &mut self.incoming[self.unread.end..];
        match at_once(|| self.output.read(room))? {
            None => Ok(false),
            Some(0) => Err(Failure::Ended),
            Some(count) => {
                self.unread.end += count;
                Ok(true)
            }
        }
    }

    fn make_room(&mut self) {
        if self.unread.is_empty() {
            self.unread = 0..0;
            if self.incoming.len() > ROOM {
                self.incoming = vec![0; ROOM];
            }
        } else if self.unread.end == self.incoming.len() {
            if self.unread.start > 0 {
                self.incoming.copy_within(self.unread.clone(), 0);
                self.unread = 0..self.unread.len();
            } else {
                // Grows as bytes come in: a garbled length does not allocate.
                self.incoming.resize(2 * self.incoming.len(), 0);
            }
        }
    }

    /// Waits until something can be read, or written if there is something to write.
    fn wait(&self, deadline: Instant) -> Result<(), Failure> {
        let mut ends = [
            PollFd::new(&self.output, PollFlags::IN),
            PollFd::new(&self.input, PollFlags::OUT),
        ];
        let ends = match self.sent < self.outgoing.len() {
            true => &mut ends[..],
            false => &mut ends[..1],
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::Late);
        }
        // An interruption, or an error that the next write or read will tell of.
        let _ready = poll(ends, Some(&timespec(left)));
        Ok(())
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// What came of a system call; `None` when it would have to wait.
fn at_once(call: impl FnOnce() -> io::Result<usize>) -> Result<Option<usize>, Failure> {
    match call() {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        // Again, after the other pipe.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Some(0)),
        Err(_) => Err(Failure::Ended),
    }
}
