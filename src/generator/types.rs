//! The types that generated programs have, as small sets: what an operation covers and what a
//! target has are intersections.

/// A type; its number is its place in a [`Types`] set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum T {
    /// `i8`.
    I8,
    /// `i16`.
    I16,
    /// `i32`.
    I32,
    /// `i64`.
    I64,
    /// `i128`.
    I128,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `i8x16`.
    I8x16,
    /// `i16x8`.
    I16x8,
    /// `i32x4`.
    I32x4,
    /// `i64x2`.
    I64x2,
    /// `f32x4`.
    F32x4,
    /// `f64x2`.
    F64x2,
}

impl T {
    /// All of them.
    pub const ALL: [T; 13] = [
        T::I8,
        T::I16,
        T::I32,
        T::I64,
        T::I128,
        T::F32,
        T::F64,
        T::I8x16,
        T::I16x8,
        T::I32x4,
        T::I64x2,
        T::F32x4,
        T::F64x2,
    ];

    /// As CLIF writes it.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 13] = [
            "i8", "i16", "i32", "i64", "i128", "f32", "f64", "i8x16", "i16x8", "i32x4", "i64x2",
            "f32x4", "f64x2",
        ];
        NAMES[self as usize]
    }

    /// Size in bytes.
    pub fn bytes(self) -> u32 {
        const BYTES: [u32; 13] = [1, 2, 4, 8, 16, 4, 8, 16, 16, 16, 16, 16, 16];
        BYTES[self as usize]
    }

    /// Type of a lane; a scalar's own.
    pub fn lane(self) -> T {
        match self {
            T::I8x16 => T::I8,
            T::I16x8 => T::I16,
            T::I32x4 => T::I32,
            T::I64x2 => T::I64,
            T::F32x4 => T::F32,
            T::F64x2 => T::F64,
            scalar => scalar,
        }
    }

    /// Number of lanes.
    pub fn lanes(self) -> u32 {
        self.bytes() / self.lane().bytes()
    }

    /// The type of the result of comparing two of these: integer lanes of the same width.
    pub fn comparison(self) -> T {
        match self {
            T::F32x4 => T::I32x4,
            T::F64x2 => T::I64x2,
            vector if VECTORS.has(vector) => vector,
            _ => T::I8,
        }
    }

    /// A scalar integer of at most 64 bits.
    pub fn is_word(self) -> bool {
        WORDS.has(self)
    }
}

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(pub u16);

/// `i8` to `i64`.
pub const WORDS: Types = Types(0b1111);
/// `i128`.
pub const WIDE: Types = Types(0b1_0000);
/// Scalar integers.
pub const INTS: Types = Types(0b1_1111);
/// Scalar floats.
pub const FLOATS: Types = Types(0b110_0000);
/// Integer vectors.
pub const INT_VECTORS: Types = Types(0b111_1000_0000);
/// Float vectors.
pub const FLOAT_VECTORS: Types = Types(0b1_1000_0000_0000);
/// Vectors.
pub const VECTORS: Types = INT_VECTORS.or(FLOAT_VECTORS);
/// All types.
pub const ANY: Types = Types(0b1_1111_1111_1111);

impl Types {
    /// Only `one`.
    pub const fn only(one: T) -> Types {
        Types(1 << one as u8)
    }

    /// Whether `one` is in it.
    pub const fn has(self, one: T) -> bool {
        self.0 & (1 << one as u8) != 0
    }

    /// Both.
    pub const fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// What is in both.
    pub const fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// What is in `self` alone.
    pub const fn without(self, other: Types) -> Types {
        Types(self.0 & !other.0)
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Member number `raw`, counted around.
    ///
    /// # Panics
    /// When it is empty.
    pub fn nth(self, raw: u16) -> T {
        let place = u32::from(raw) % self.0.count_ones();
        let member = T::ALL
            .into_iter()
            .filter(|t| self.has(*t))
            .nth(place as usize);
        member.expect("the place is below the count")
    }
}
