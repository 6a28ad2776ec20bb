//! Compressed bombs of a Helm repository.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::bomb::{Answer, Bomb, Kind, bomb};
use crate::helm::{INDEX, entry};

const GZIP: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";

pub(crate) fn table() -> Vec<Bomb> {
    let too_large = "larger than";
    let blanks = gzip(&[INDEX.as_bytes(), &[b' '; 64 << 20]].concat());
    let entries = entry().repeat(1 << 10).into_bytes();
    let member = gzip(&entries);
    let entries = gzip(&[INDEX.as_bytes(), &entries.repeat(60)].concat());
    let first = vec![gzip(INDEX.as_bytes())];
    let members = [first.clone(), vec![member; 80]].concat();
    let nothings = [first, vec![gzip(b""); 200_000]].concat();
    let twice = gzip(&blanks);
    vec![
        zipped("64 MiB of blanks", &[blanks], too_large),
        zipped("60 MiB of entries", &[entries], too_large),
        zipped("80 members of a mebibyte", &members, too_large),
        zipped("members of nothing", &nothings, "1 versions"),
        zipped("gzip in gzip", &[twice], "is not the index"),
    ]
}

/// An index that is compressed, as one member or as many.
fn zipped(name: &'static str, members: &[Vec<u8>], expected_text: &'static str) -> Bomb {
    Bomb {
        answer: Arc::new(Answer {
            start: GZIP.into(),
            again: members.concat(),
            times: 1,
            end: Vec::new(),
        }),
        ..bomb(name, Kind::Helm, ("", "", 0, ""), expected_text)
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}
