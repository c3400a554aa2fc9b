//! Emulator-backed verification of patchable calls.

/// What executes an image.
pub mod machine {
    /// The machines of Unicorn.
    pub mod unicorn {
        pub mod s390x_gaps;
    }
}
