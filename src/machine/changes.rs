//! Changed registers on their way from a child process: most of what it sends.
//!
//! Each is two bytes of number and flag, then both values, little-endian: 8 bytes each where that
//! is enough for both, 16 where the flag says so.

use serde::{Deserializer, Serializer};

use super::{RegisterChange, RegisterId};
use crate::wire;

/// Both values have 16 bytes. No table has as many registers.
const WIDE: u16 = 1 << 15;

/// Sends changes as one piece of bytes.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(
    changes: &[RegisterChange],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    wire::serialize(&packed(changes), serializer)
}

/// Takes what [`serialize`] has sent.
///
/// # Errors
/// When it is something else.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<RegisterChange>, D::Error> {
    wire::with_bytes(deserializer, |bytes| {
        unpacked(bytes).ok_or("half a changed register")
    })
}

fn packed(changes: &[RegisterChange]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(changes.len() * 2 * size_of::<u128>());
    for change in changes {
        let narrow = u64::try_from(change.before).ok();
        match narrow.zip(u64::try_from(change.after).ok()) {
            Some((before, after)) => {
                bytes.extend_from_slice(&change.register.0.to_le_bytes());
                bytes.extend_from_slice(&before.to_le_bytes());
                bytes.extend_from_slice(&after.to_le_bytes());
            }
            None => {
                bytes.extend_from_slice(&(change.register.0 | WIDE).to_le_bytes());
                bytes.extend_from_slice(&change.before.to_le_bytes());
                bytes.extend_from_slice(&change.after.to_le_bytes());
            }
        }
    }
    bytes
}

fn unpacked(bytes: &[u8]) -> Option<Vec<RegisterChange>> {
    let mut changes = Vec::with_capacity(bytes.len() / (2 + 2 * size_of::<u64>()));
    let mut rest = bytes;
    while !rest.is_empty() {
        let head = u16::from_le_bytes(take(&mut rest)?);
        let mut value = || match head & WIDE {
            0 => take(&mut rest).map(|bytes| u64::from_le_bytes(bytes).into()),
            _ => take(&mut rest).map(u128::from_le_bytes),
        };
        changes.push(RegisterChange {
            register: RegisterId(head & !WIDE),
            before: value()?,
            after: value()?,
        });
    }
    Some(changes)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Vec<RegisterChange> {
        let values = [0, 1, u128::from(u64::MAX), 1 << 64, u128::MAX];
        let pairs = values
            .iter()
            .flat_map(|a| values.iter().map(move |b| (*a, *b)));
        (0..)
            .zip(pairs)
            .map(|(number, (before, after))| RegisterChange {
                register: RegisterId(number),
                before,
                after,
            })
            .collect()
    }

    #[test]
    fn changes_come_as_they_were_sent() {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Sent(#[serde(with = "super")] Vec<RegisterChange>);
        let sent = Sent(changes());
        let bytes = postcard::to_stdvec(&sent).expect("bytes can be sent");
        assert_eq!(postcard::from_bytes(&bytes), Ok(sent));
    }

    #[test]
    fn a_piece_of_one_is_refused() {
        let bytes = packed(&changes());
        assert_eq!(unpacked(&bytes), Some(changes()));
        assert_eq!(unpacked(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unpacked(&bytes[..1]), None);
    }
}
