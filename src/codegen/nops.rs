//! Filling a range with NOPs. Knows nothing but lengths and NOP units: no ISA, no call.

/// A length that the units cannot fill.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{len} bytes are no whole number of NOP units (units of {units:?} bytes)")]
pub struct NopFillError {
    /// Length of the range in bytes.
    pub len: usize,
    /// Lengths of the units on offer.
    pub units: Vec<usize>,
}

/// NOPs for a range of `len` bytes, tiled from `units`, longest first.
///
/// # Errors
/// When the tiling leaves a rest that no unit fits.
pub fn nop_fill(units: &[Vec<u8>], len: usize) -> Result<Vec<u8>, NopFillError> {
    let mut by_length: Vec<&Vec<u8>> = units.iter().filter(|unit| !unit.is_empty()).collect();
    by_length.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    let mut bytes = Vec::with_capacity(len);
    for unit in by_length {
        while len - bytes.len() >= unit.len() {
            bytes.extend_from_slice(unit);
        }
    }
    if bytes.len() == len {
        Ok(bytes)
    } else {
        let units = units.iter().map(Vec::len).collect();
        Err(NopFillError { len, units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_units_come_first() {
        let units = vec![vec![1], vec![5, 5, 5, 5, 5]];
        assert_eq!(nop_fill(&units, 7), Ok(vec![5, 5, 5, 5, 5, 1, 1]));
        assert_eq!(nop_fill(&units, 0), Ok(vec![]));
    }

    #[test]
    fn a_rest_that_no_unit_fits_is_an_error() {
        let units = vec![vec![0; 4]];
        assert_eq!(
            nop_fill(&units, 10),
            Err(NopFillError {
                len: 10,
                units: vec![4]
            })
        );
        assert!(nop_fill(&[], 1).is_err());
    }
}
