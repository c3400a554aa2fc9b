//! Work in a process that may die.
//!
//! The parent writes one request at a time, a frame, to the child's standard input and gets its
//! replies, usually one, from its standard output; the child ends when its input does. See [`serve`]
//! for the child, [`Worker`] for the parent.

mod frame;
mod pipes;

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use frame::garbled;
use pipes::{Failure, Pipes};

/// Longest frame in bytes, its length field excepted. More is taken for garbage.
pub const MAX_FRAME: u32 = 256 << 20;

/// How long a child that has closed its output may take to end before it is killed.
const LAST_BREATH: Duration = Duration::from_secs(5);

/// How a worker ended, and why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerDeath {
    /// A signal that the worker did not get from us.
    #[error("killed by {name}")]
    Signal {
        /// Number on this host.
        number: i32,
        /// Like `SIGSEGV`; `signal n` for rare ones.
        name: String,
    },
    /// It ended by itself.
    #[error("exited with code {code}")]
    Exited {
        /// Exit code.
        code: i32,
    },
    /// No reply in time; it was killed.
    #[error("no reply within {limit:?}")]
    Stalled {
        /// Time that it had.
        limit: Duration,
    },
    /// What it replied is no reply; it was killed.
    #[error("garbled reply: {0}")]
    Garbled(String),
    /// The request cannot be sent. The worker lives.
    #[error("request cannot be sent: {0}")]
    Request(String),
}

/// A child process that answers requests. It is killed when this is dropped.
pub struct Worker {
    child: Child,
    pipes: Pipes,
    /// Set once the child has ended and been reaped.
    death: Option<WorkerDeath>,
}

impl Worker {
    /// Starts `executable`, whose standard error is ours.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn spawn<A: AsRef<OsStr>>(
        executable: &Path,
        args: impl IntoIterator<Item = A>,
    ) -> io::Result<Worker> {
        let mut child = Command::new(executable)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What the terminal sends on Ctrl-C is for us: we still want replies then.
            .process_group(0)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let pipes = pipes
            .ok_or_else(|| io::Error::other("a child without pipes"))
            .and_then(|(input, output)| Pipes::new(input, output));
        match pipes {
            Ok(pipes) => Ok(Worker {
                child,
                pipes,
                death: None,
            }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Sends a request and waits for the reply, for at most `stall`.
    ///
    /// # Errors
    /// When there is none. Unless the request was at fault, the child has ended and been reaped
    /// then, and every later request gets the same error.
    pub fn request<Req: Serialize, Rep: DeserializeOwned>(
        &mut self,
        request: &Req,
        stall: Duration,
    ) -> Result<Rep, WorkerDeath> {
        let (mut replies, end) = self.request_row(request, 1, stall);
        match (replies.pop(), end) {
            (_, Err(death)) => Err(death),
            (Some(reply), Ok(())) => Ok(reply),
            (None, Ok(())) => Err(WorkerDeath::Garbled("no reply".into())),
        }
    }

    /// Sends a request that has `count` replies, and waits for each of them for at most `stall`.
    /// Gives those that came, and why there are no more if some are missing; see
    /// [`Worker::request`].
    pub fn request_row<Req: Serialize, Rep: DeserializeOwned>(
        &mut self,
        request: &Req,
        count: usize,
        stall: Duration,
    ) -> (Vec<Rep>, Result<(), WorkerDeath>) {
        let mut replies = Vec::with_capacity(count);
        let end = self.send(request).and_then(|()| {
            for _ in 0..count {
                replies.push(self.receive(stall)?);
            }
            Ok(())
        });
        (replies, end)
    }

    fn send<Req: Serialize>(&mut self, request: &Req) -> Result<(), WorkerDeath> {
        match &self.death {
            Some(death) => Err(death.clone()),
            None => self.pipes.send(request).map_err(WorkerDeath::Request),
        }
    }

    fn receive<Rep: DeserializeOwned>(&mut self, stall: Duration) -> Result<Rep, WorkerDeath> {
        let deadline = Instant::now() + stall;
        let failure = match self.pipes.receive(deadline) {
            Ok(reply) => match postcard::from_bytes(reply) {
                Ok(reply) => return Ok(reply),
                Err(error) => Failure::Garbled(error.to_string()),
            },
            Err(failure) => failure,
        };
        let death = match failure {
            Failure::Late => self.kill(WorkerDeath::Stalled { limit: stall }),
            Failure::Garbled(message) => self.kill(WorkerDeath::Garbled(message)),
            Failure::Ended => self.reap(),
        };
        self.death = Some(death.clone());
        Err(death)
    }

    /// Kills and reaps the child, which has `death` to show for it.
    fn kill(&mut self, death: WorkerDeath) -> WorkerDeath {
        let _ = self.child.kill();
        let _ = self.child.wait();
        death
    }

    /// Waits for the end of a child that has closed a pipe, and tells how it came.
    fn reap(&mut self) -> WorkerDeath {
        let deadline = Instant::now() + LAST_BREATH;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(Some(status)) => return cause(status),
                Ok(None) => thread::sleep(Duration::from_millis(1)),
                Err(_) => break,
            }
        }
        self.kill(WorkerDeath::Garbled("the reply ends early".into()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both do nothing for a child that has been reaped. The thread ends with the pipes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child's side: answers requests until the input ends. Nothing else may write to the
/// output: a worker must not print.
///
/// # Errors
/// When a pipe fails, a frame is too long or ends early, or a request is garbled.
pub fn serve<Req: DeserializeOwned, Rep: Serialize>(
    input: impl Read,
    output: impl Write,
    mut handler: impl FnMut(Req) -> Rep,
) -> io::Result<()> {
    serve_row(input, output, |request, reply| reply(handler(request)))
}

/// [`serve`] for requests with several replies, each of which goes out as it is given to the
/// handler's second argument: those before a death are not lost.
///
/// # Errors
/// As [`serve`].
pub fn serve_row<Req: DeserializeOwned, Rep: Serialize>(
    mut input: impl Read,
    mut output: impl Write,
    mut handler: impl FnMut(Req, &mut dyn FnMut(Rep) -> io::Result<()>) -> io::Result<()>,
) -> io::Result<()> {
    let (mut request, mut reply) = (Vec::new(), Vec::new());
    while frame::read(&mut input, &mut request)? {
        let request = postcard::from_bytes(&request).map_err(garbled)?;
        handler(request, &mut |value| {
            frame::fill(&mut reply, &value).map_err(garbled)?;
            frame::write(&mut output, &reply)
        })?;
    }
    Ok(())
}

fn cause(status: ExitStatus) -> WorkerDeath {
    match (status.signal(), status.code()) {
        (Some(number), _) => WorkerDeath::Signal {
            number,
            name: signal_name(number),
        },
        (None, code) => WorkerDeath::Exited {
            code: code.unwrap_or(-1),
        },
    }
}

/// The name of a signal that ends processes.
fn signal_name(number: i32) -> String {
    let known = [
        (Signal::ILL, "SIGILL"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::TERM, "SIGTERM"),
        (Signal::SYS, "SIGSYS"),
        (Signal::XCPU, "SIGXCPU"),
    ];
    known
        .iter()
        .find(|(signal, _)| signal.as_raw() == number)
        .map_or_else(|| format!("signal {number}"), |(_, name)| (*name).into())
}

#[cfg(test)]
mod tests;
