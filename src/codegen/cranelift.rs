pub struct Cranelift;
