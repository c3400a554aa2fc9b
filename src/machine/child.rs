//! Work in a process that may die.
//!
//! A frame is a length, 4 bytes little-endian, and as many bytes of `postcard`. The parent writes
//! one request at a time to the child's standard input and gets its replies, usually one, from its
//! standard output; the child ends when its input does. See [`serve`] for the child, [`Worker`] for the
//! parent.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// A request on its way, with how many replies it gets.
struct Message {
    bytes: Vec<u8>,
    replies: usize,
}

/// A child process that answers requests. It is killed when this is dropped.
pub struct Worker {
    child: Child,
    /// Requests to the thread that writes and reads the pipes.
    requests: Sender<Message>,
    /// Its replies.
    replies: Receiver<io::Result<Vec<u8>>>,
    /// Set once the child has ended and been reaped.
    death: Option<WorkerDeath>,
}

impl Worker {
    /// Starts `executable`, whose standard error is ours.
    ///
    /// # Errors
    /// When the process or the thread that talks to it cannot be started.
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
        let (requests, to_send) = channel();
        let (received, replies) = channel();
        let thread = pipes
            .ok_or_else(|| io::Error::other("a child without pipes"))
            .and_then(|(input, output)| {
                thread::Builder::new()
                    .name("worker pipes".into())
                    .spawn(move || converse(input, output, &to_send, &received))
            });
        if let Err(error) = thread {
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
        Ok(Worker {
            child,
            requests,
            replies,
            death: None,
        })
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
        let end = self.send(request, count).and_then(|()| {
            for _ in 0..count {
                replies.push(self.receive(stall)?);
            }
            Ok(())
        });
        (replies, end)
    }

    fn send<Req: Serialize>(&mut self, request: &Req, replies: usize) -> Result<(), WorkerDeath> {
        if let Some(death) = &self.death {
            return Err(death.clone());
        }
        let bytes =
            postcard::to_stdvec(request).map_err(|e| WorkerDeath::Request(e.to_string()))?;
        if frame_len(&bytes).is_none() {
            let message = format!("{} bytes are more than a frame holds", bytes.len());
            return Err(WorkerDeath::Request(message));
        }
        // Should the thread have ended, its last words are among the replies.
        let _ = self.requests.send(Message { bytes, replies });
        Ok(())
    }

    fn receive<Rep: DeserializeOwned>(&mut self, stall: Duration) -> Result<Rep, WorkerDeath> {
        let death = match self.replies.recv_timeout(stall) {
            Ok(Ok(reply)) => match postcard::from_bytes(&reply) {
                Ok(reply) => return Ok(reply),
                Err(error) => self.kill(WorkerDeath::Garbled(error.to_string())),
            },
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                self.kill(WorkerDeath::Garbled(error.to_string()))
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => self.reap(),
            Err(RecvTimeoutError::Timeout) => self.kill(WorkerDeath::Stalled { limit: stall }),
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

/// Writes each request and reads its reply, until something fails. In a thread of its own, as
/// either may take for ever.
fn converse(
    mut input: ChildStdin,
    mut output: ChildStdout,
    requests: &Receiver<Message>,
    replies: &Sender<io::Result<Vec<u8>>>,
) {
    for request in requests {
        let mut sent = write_frame(&mut input, &request.bytes);
        for _ in 0..request.replies {
            let reply = std::mem::replace(&mut sent, Ok(())).and_then(|()| {
                read_frame(&mut output)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            });
            let failed = reply.is_err();
            if replies.send(reply).is_err() || failed {
                return;
            }
        }
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
    while let Some(request) = read_frame(&mut input)? {
        let request = postcard::from_bytes(&request).map_err(garbled)?;
        handler(request, &mut |reply| {
            let reply = postcard::to_stdvec(&reply).map_err(garbled)?;
            write_frame(&mut output, &reply)
        })?;
    }
    Ok(())
}

fn garbled(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The length of a frame with these bytes; `None` when they are too many.
fn frame_len(bytes: &[u8]) -> Option<u32> {
    let len = u32::try_from(bytes.len()).ok()?;
    (len <= MAX_FRAME).then_some(len)
}

fn write_frame(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let len = frame_len(bytes).ok_or_else(|| garbled("more bytes than a frame holds"))?;
    output.write_all(&len.to_le_bytes())?;
    output.write_all(bytes)?;
    output.flush()
}

/// The next frame; `None` when the input ends before it.
fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0; 4];
    let start = loop {
        match input.read(&mut len) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if start == 0 {
        return Ok(None);
    }
    input.read_exact(&mut len[start..])?;
    let len = u32::from_le_bytes(len);
    if len > MAX_FRAME {
        return Err(garbled(format!("a frame of {len} bytes")));
    }
    // Grows as bytes come in: a garbled length does not allocate.
    let mut bytes = Vec::new();
    let read = input.take(len.into()).read_to_end(&mut bytes)?;
    if read as u64 != u64::from(len) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
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
