//! Instructions, and those that were decoded before.
//!
//! A disassembler takes a microsecond for an instruction, most of it for text that only a
//! finding or a listing needs, and the same few hundred encodings make up most code. So what
//! an encoding says is kept as a [`Form`], which all instructions of that encoding share.
//!
//! A form is only kept when decoding showed that it stands for itself: its own bytes without
//! what follows them, at another address, give the same mnemonic and the same meaning moved by
//! as much. Its text may still name an address; it is then made again where it is asked for.
//!
//! Constants and distances make many encodings that come once and never again. So an encoding is
//! only kept when it comes for the second time.

use std::any::Any;
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::{Kind, Language, Memo, Once, disassemble, hex_list, native};

/// What the encoding of an instruction says wherever it stands.
#[derive(Debug)]
pub struct Form {
    language: Language,
    /// The bytes; never empty.
    pub bytes: Vec<u8>,
    /// Mnemonic, with prefixes as the disassembler prints them.
    pub mnemonic: String,
    /// Operands as text at `address`.
    pub(super) operands: String,
    /// Where it was decoded.
    address: u64,
    note: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Form {
    /// What `find` says of the encoding, asked once for all instructions of it. `None` when there
    /// is a note of another type already: there is room for one.
    pub fn note<T: Any + Send + Sync>(&self, find: impl FnOnce() -> T) -> Option<&T> {
        let note = self.note.get_or_init(|| Box::new(find()));
        note.downcast_ref()
    }
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Address of its first byte.
    pub address: u64,
    /// What it does.
    pub kind: Kind,
    form: Arc<Form>,
    /// Whether its text names addresses, so that the form's is another one's.
    text_moves: bool,
}

impl Deref for Instruction {
    type Target = Form;

    fn deref(&self) -> &Form {
        &self.form
    }
}

impl PartialEq for Instruction {
    fn eq(&self, other: &Instruction) -> bool {
        let key = |i: &Instruction| (i.language.isa, i.address);
        key(self) == key(other) && self.bytes == other.bytes && self.kind == other.kind
    }
}

impl Eq for Instruction {}

impl Instruction {
    /// An instruction as a disassembler prints it.
    pub(super) fn new(
        language: impl Into<Language>,
        (bytes, address): (&[u8], u64),
        (mnemonic, operands): (&str, &str),
        kind: Kind,
    ) -> Instruction {
        let form = Form {
            language: language.into(),
            bytes: bytes.to_vec(),
            mnemonic: mnemonic.to_owned(),
            operands: operands.to_owned(),
            address,
            note: OnceLock::new(),
        };
        Instruction {
            address,
            kind,
            form: Arc::new(form),
            text_moves: false,
        }
    }

    /// Bytes that are no known instruction.
    pub(super) fn unknown(
        language: impl Into<Language>,
        bytes: &[u8],
        address: u64,
    ) -> Instruction {
        let text = (".byte", hex_list(bytes));
        Instruction::new(language, (bytes, address), (text.0, &text.1), Kind::Unknown)
    }

    /// Address of the byte behind it.
    pub fn end(&self) -> u64 {
        let len = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        self.address.saturating_add(len)
    }

    /// Operands as text; empty if there are none.
    pub fn operands(&self) -> Cow<'_, str> {
        if self.text_moves && self.address != self.form.address {
            let again = disassemble(self.language, &self.bytes, self.address);
            return Cow::Owned(again.operands.clone());
        }
        Cow::Borrowed(&self.form.operands)
    }

    /// Mnemonic and operands as the disassembler prints them.
    pub fn plain_text(&self) -> String {
        match self.operands() {
            none if none.is_empty() => self.mnemonic.clone(),
            some => format!("{} {some}", self.mnemonic),
        }
    }
}

/// Forms of one language that were decoded before, each with an instruction of it, and encodings
/// that came once.
#[derive(Default)]
pub struct Known(Memo<Instruction>, Once);

/// How far off an encoding is decoded again: other digits in each place that text may show,
/// a multiple of every ISA's pages and alignments.
const ELSEWHERE: u64 = 0x2_3457_1000;

impl Known {
    /// The instruction at the start of `bytes`, which must not be empty.
    pub fn decode(&mut self, language: Language, bytes: &[u8], address: u64) -> Instruction {
        let isa = language.isa;
        // No encoding is the start of another one: the first that is known is the only one.
        let lengths = match native::encoded_length(isa, bytes) {
            Some(length) => length..=length,
            None => 1..=bytes.len().min(Memo::<Instruction>::LONGEST),
        };
        if let Some(known) = self.0.get_start(isa, bytes, lengths) {
            return Instruction {
                address,
                kind: known.kind.moved(address.wrapping_sub(known.address)),
                form: Arc::clone(&known.form),
                text_moves: known.text_moves,
            };
        }
        let mut decoded = disassemble(language, bytes, address);
        if self.1.is_new(language.isa, &decoded.bytes) {
            return decoded;
        }
        let elsewhere = address.wrapping_add(ELSEWHERE);
        let alone = disassemble(language, &decoded.bytes, elsewhere);
        let stands_for_itself = alone.bytes == decoded.bytes
            && alone.mnemonic == decoded.mnemonic
            && alone.kind == decoded.kind.moved(ELSEWHERE);
        // A lone byte that is nothing yet may become something with what follows it.
        let may_go_on = decoded.kind == Kind::Unknown && decoded.bytes.len() == 1;
        if stands_for_itself && !may_go_on {
            decoded.text_moves = alone.form.operands != decoded.form.operands;
            self.0.insert(isa, &decoded.form.bytes, decoded.clone());
        }
        decoded
    }
}
