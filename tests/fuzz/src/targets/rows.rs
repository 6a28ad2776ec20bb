//! Stored rows: one byte for the kind, then the row. Rows that are stored compressed are compressed here.

use std::fmt::Debug;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use wire::WireError;
use wire::rows::{
    budget, deployed_settings, head, history, ledger, pause, scheduler_run, snapshot, trigger_file,
    watch_list,
};

/// Enough for any input, in bytes.
const LIMIT: usize = 1 << 20;

/// Compresses as the rows are.
pub(crate) fn deflated(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    // A vector takes whatever is written to it.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default()
}

/// A parsed row can be written and parses the same.
fn round_trip<T: PartialEq + Debug>(
    row: &[u8],
    read: impl Fn(&[u8]) -> Result<T, WireError>,
    write: impl Fn(&T) -> Result<Vec<u8>, WireError>,
) {
    if let Ok(value) = read(row)
        && let Ok(written) = write(&value)
    {
        assert_eq!(read(&written).expect("what was written"), value);
    }
}

/// Any content of the table is read or refused.
pub(crate) fn rows(data: &[u8]) {
    let Some((kind, row)) = data.split_first() else {
        return;
    };
    let packed = deflated(row);
    match kind {
        b'b' => round_trip(row, budget::decode, |(key, state)| {
            budget::encode(key, state)
        }),
        b'd' => round_trip(row, deployed_settings::decode, deployed_settings::encode),
        b'h' => round_trip(row, |row| head::decode(row, 1), head::encode),
        b'l' => round_trip(row, ledger::decode, |entry| ledger::encode(entry.as_ref())),
        b'p' => round_trip(row, pause::decode, |(key, state)| pause::encode(key, state)),
        b't' => round_trip(row, scheduler_run::decode, scheduler_run::encode),
        b'w' => round_trip(row, watch_list::decode_head, watch_list::encode_head),
        b'E' => round_trip(&packed, history::decode, |one| history::encode(one, LIMIT)),
        b'F' => round_trip(
            &packed,
            |row| trigger_file::decode(row, 1),
            |file| trigger_file::encode(&file.definitions, file.applied_at, LIMIT),
        ),
        b'N' => round_trip(&packed, history::decode_latest, |one| {
            history::encode_latest(one, LIMIT)
        }),
        b'S' => round_trip(&packed, snapshot::decode, snapshot::encode),
        b'W' => round_trip(&packed, watch_list::decode, watch_list::encode),
        // Bytes that this program never compressed.
        _ => drop((snapshot::decode(row), watch_list::decode(row))),
    }
}
