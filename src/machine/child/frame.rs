//! Frames: a length, 4 bytes little-endian, and as many bytes of `postcard`.

use std::io::{self, Read, Write};

use postcard::ser_flavors::Flavor;
use serde::Serialize;

use super::MAX_FRAME;

/// Bytes of the length field.
pub const HEAD: usize = 4;

/// Bytes that a buffer may keep from one frame to the next; a larger one was an exception.
const KEPT_BYTES: usize = 4 << 20;

/// A value cannot be put into a frame, and why.
pub type Unsendable = String;

/// Puts a frame with `value` into `buffer`, in place of what it has. The buffer is kept from frame
/// to frame, so that it does not grow anew each time.
///
/// # Errors
/// When the value cannot be encoded, or is longer than a frame may be.
pub fn fill(buffer: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Unsendable> {
    buffer.clear();
    buffer.shrink_to(KEPT_BYTES);
    buffer.extend([0; HEAD]);
    postcard::serialize_with_flavor(value, Into(buffer)).map_err(|error| error.to_string())?;
    let bytes = buffer.len() - HEAD;
    let length = u32::try_from(bytes).ok().filter(|len| *len <= MAX_FRAME);
    let length = length.ok_or_else(|| format!("{bytes} bytes are more than a frame holds"))?;
    buffer[..HEAD].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

/// Appends what `postcard` encodes.
struct Into<'a>(&'a mut Vec<u8>);

impl Flavor for Into<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// The length that a frame's head tells.
///
/// # Errors
/// When no frame is so long.
pub fn length(head: [u8; HEAD]) -> io::Result<usize> {
    let length = u32::from_le_bytes(head);
    if length > MAX_FRAME {
        return Err(garbled(format!("a frame of {length} bytes")));
    }
    Ok(length as usize)
}

/// What came is no frame.
pub fn garbled(
    error: impl std::convert::Into<Box<dyn std::error::Error + Send + Sync>>,
) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Writes a frame at once.
///
/// # Errors
/// When it cannot be written.
pub fn write(output: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    output.write_all(frame)?;
    output.flush()
}

/// Reads the next frame's contents into `buffer`; false when the input ends before it.
///
/// # Errors
/// When it is too long, or the input ends within it.
pub fn read(input: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut head = [0; HEAD];
    let start = loop {
        match input.read(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if start == 0 {
        return Ok(false);
    }
    input.read_exact(&mut head[start..])?;
    let length = length(head)?;
    buffer.clear();
    buffer.shrink_to(KEPT_BYTES);
    // Beyond what is kept it grows as bytes come in: a garbled length does not allocate.
    buffer.reserve(length.min(KEPT_BYTES));
    let read = input.take(length as u64).read_to_end(buffer)?;
    if read != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(true)
}
