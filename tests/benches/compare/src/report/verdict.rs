//! Who is best in a cell, and how klaw stands to it.

use crate::{
    cells::{Cell, Measure},
    measure::Reading,
    peers::Peer,
};

pub struct Ratio {
    pub ours: &'static str,
    pub time: f64,
    pub best: &'static str,
    /// Above one if klaw is faster.
    pub ratio: f64,
    /// Whether both had the cores that they need.
    pub sure: bool,
}

/// A cell that was measured.
pub struct Verdict<'a> {
    pub cell: &'a Cell,
    pub peers: &'a [Peer],
    pub readings: Vec<Option<Reading>>,
}

impl Verdict<'_> {
    /// The fastest peer that counts: among those for one thread, or among the others.
    pub fn best(&self, one_thread: bool) -> Option<(&'static str, &Reading)> {
        let counts = |peer: &Peer| {
            let bought = peer.loses && self.cell.capacity == Some(1);
            !peer.is_ours() && peer.one_thread == one_thread && !bought
        };
        let read = self.peers.iter().zip(&self.readings);
        read.filter(|(peer, _)| counts(peer))
            .filter_map(|(peer, reading)| Some((peer.name, reading.as_ref()?)))
            .filter(|(_, reading)| !reading.hangs())
            .min_by(|a, b| a.1.stats.median.total_cmp(&b.1.stats.median))
    }

    /// One for each row of klaw that has both a reading and somebody to compare with.
    pub fn ratios(&self) -> Vec<Ratio> {
        if let Measure::Count(_) = self.cell.measure {
            return vec![]; // often of zeros
        }
        let ours = self.peers.iter().zip(&self.readings).filter(|(peer, _)| peer.is_ours());
        ours.filter_map(|(peer, reading)| {
            let reading = reading.as_ref().filter(|reading| !reading.hangs())?;
            let (best, least) = self.best(peer.one_thread)?;
            let (time, ours) = (reading.stats.median, peer.name);
            let sure = reading.kept > 0 && least.kept > 0;
            Some(Ratio { ours, time, best, ratio: least.stats.median / time, sure })
        })
        .collect()
    }
}
