//! A name resolver with scripted answers.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use http_client::{LookUp, Names};

/// Returns its answers one after the other, and the last one from then on. Other names do not exist.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<HashMap<String, Answer>>);

#[derive(Debug)]
struct Answer {
    answers: VecDeque<Vec<SocketAddr>>,
    asked: usize,
}

impl Answers {
    /// Sets the answers for the name.
    pub(crate) fn answer(&self, name: &str, answers: &[&[IpAddr]]) {
        let addresses = |addresses_once: &&[IpAddr]| {
            addresses_once.iter().map(|&one| (one, 0).into()).collect()
        };
        let answer = Answer {
            answers: answers.iter().map(addresses).collect(),
            asked: 0,
        };
        self.0.lock().unwrap().insert(name.to_owned(), answer);
    }

    /// The number of look-ups of the name.
    pub(crate) fn asked(&self, name: &str) -> usize {
        self.0.lock().unwrap()[name].asked
    }
}

impl Names for Answers {
    fn look_up(&self, name: &str) -> LookUp {
        let mut answers = self.0.lock().unwrap();
        let found = answers.get_mut(name).map(|answer| {
            answer.asked += 1;
            if answer.answers.len() > 1 {
                answer.answers.pop_front().unwrap()
            } else {
                answer.answers[0].clone()
            }
        });
        Box::pin(async move { found.ok_or_else(|| std::io::ErrorKind::NotFound.into()) })
    }
}
