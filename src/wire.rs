//! Bytes on their way to a child process and back: as one piece, where serde's own way is a
//! sequence of numbers, each encoded by itself.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Sends bytes as one piece.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Takes what [`serialize`] has sent.
///
/// # Errors
/// The deserializer's, when there are no bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    with_bytes(deserializer, |bytes| Ok(bytes.to_vec()))
}

/// Takes what [`serialize`] has sent and makes something of it without a copy.
///
/// # Errors
/// The deserializer's, when there are no bytes, and what `make` says of them.
pub fn with_bytes<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    make: impl FnOnce(&[u8]) -> Result<T, &'static str>,
) -> Result<T, D::Error> {
    struct Bytes<F>(F);

    impl<T, F: FnOnce(&[u8]) -> Result<T, &'static str>> Visitor<'_> for Bytes<F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
            (self.0)(bytes).map_err(E::custom)
        }
    }

    deserializer.deserialize_bytes(Bytes(make))
}

/// Several pieces, for `#[serde(with)]` on a list of them.
pub mod rows {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    struct Piece<'a>(&'a [u8]);

    impl Serialize for Piece<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            super::serialize(self.0, serializer)
        }
    }

    struct Owned(Vec<u8>);

    impl<'de> Deserialize<'de> for Owned {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Owned, D::Error> {
            super::deserialize(deserializer).map(Owned)
        }
    }

    /// Sends each row as one piece.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(rows: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rows.iter().map(|row| Piece(row)))
    }

    /// Takes what [`serialize`] has sent.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<u8>>, D::Error> {
        let rows = Vec::<Owned>::deserialize(deserializer)?;
        Ok(rows.into_iter().map(|Owned(row)| row).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sent {
        #[serde(with = "super")]
        piece: Vec<u8>,
        #[serde(with = "super::rows")]
        rows: Vec<Vec<u8>>,
    }

    #[test]
    fn bytes_come_as_they_were_sent() {
        for length in [0, 1, 200, 70_000] {
            let piece: Vec<u8> = (0..=255).cycle().take(length).collect();
            let rows = vec![piece.clone(), Vec::new(), vec![255; length]];
            let sent = Sent { piece, rows };
            let bytes = postcard::to_stdvec(&sent).expect("bytes can be sent");
            assert_eq!(postcard::from_bytes(&bytes), Ok(sent));
        }
    }

    #[test]
    fn a_piece_that_ends_early_is_refused() {
        let sent = Sent {
            piece: vec![7; 9],
            rows: Vec::new(),
        };
        let bytes = postcard::to_stdvec(&sent).expect("bytes can be sent");
        assert!(postcard::from_bytes::<Sent>(&bytes[..5]).is_err());
    }
}
