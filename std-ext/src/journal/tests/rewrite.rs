//! What must hold when a journal is replaced by its live records.

use super::{
    Disk, Journal, JournalError, Random, contents,
    disk::{EIO, ENOSPC, Trouble},
    entry, open, payloads, save,
};
use crate::journal::{queue::until, rewrite::Stage};
use core::sync::atomic::{AtomicBool, Ordering};
use smol::future::block_on;

/// How far a process came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    Nothing,
    Saved,
    Rewritten,
    SavedAgain,
}

fn live_records() -> Vec<Vec<u8>> {
    payloads(50..53)
}

async fn live(disk: &Disk, reached: &mut Reached) -> Result<(), JournalError> {
    let journal = open(disk)?;
    save(&journal, &payloads(0..4)).await?;
    *reached = Reached::Saved;
    rewrite(&journal).await?;
    *reached = Reached::Rewritten;
    save(&journal, &payloads(90..91)).await?;
    *reached = Reached::SavedAgain;
    journal.close().await
}

async fn rewrite(journal: &Journal) -> Result<(), JournalError> {
    let records = live_records();
    let seq = journal.rewrite(records.iter().map(|record| entry(record))).await?;
    assert!(journal.durable() >= seq);
    Ok(())
}

/// Which of the states that a crash may leave `found` is.
fn state_of(found: &[Vec<u8>]) -> Reached {
    let again = [live_records(), payloads(90..91)].concat();
    if found == again {
        Reached::SavedAgain
    } else if found == live_records() {
        Reached::Rewritten
    } else if found == payloads(0..4) {
        Reached::Saved
    } else {
        assert!(payloads(0..4).starts_with(found), "neither old nor new: {found:?}");
        Reached::Nothing
    }
}

#[test]
fn d3_a_crash_during_a_rewrite_leaves_the_old_or_the_new_file() {
    let whole = Disk::default();
    block_on(live(&whole, &mut Reached::Nothing)).unwrap();
    let mut seen = vec![];
    for op in 0..whole.ops().len() {
        let disk = Disk::default().with_trouble(op, Trouble::Stop);
        let mut reached = Reached::Nothing;
        // How many writes a rewrite takes is left to chance: this one may end before its trouble.
        let _ = block_on(live(&disk, &mut reached));
        for seed in 0..60 {
            let crashed = disk.crash_randomly(&mut Random::new(seed));
            let (found, _) = contents(&crashed).unwrap();
            let state = state_of(&found);
            assert!(state >= reached, "stopped at {op}: {reached:?} is lost, {state:?} is left");
            seen.push(state);
        }
    }
    for state in [Reached::Saved, Reached::Rewritten, Reached::SavedAgain] {
        assert!(seen.contains(&state), "no crash left {state:?}");
    }
}

#[test]
fn d5_a_rewrite_that_fails_before_the_rename_leaves_the_journal_as_it_was() {
    let steps = ["create", "set_len", "write", "write", "write", "sync", "sync", "sync", "rename"];
    for (n, step) in steps.iter().enumerate() {
        let disk = Disk::default();
        let journal = open(&disk).unwrap();
        let before = block_on(save(&journal, &payloads(0..4))).unwrap();
        let others = steps[..n].iter().filter(|other| *other == step).count();
        let disk = disk.with_trouble_at(step, others, Trouble::Fail(ENOSPC));
        let error = block_on(rewrite(&journal)).unwrap_err();
        let JournalError::Io { source, .. } = &error else { panic!("{step}: {error}") };
        assert_eq!(source.raw_os_error(), Some(ENOSPC));

        let after = block_on(save(&journal, &payloads(4..6))).unwrap();
        assert_eq!(after.as_u64(), before.as_u64() + 2);
        block_on(rewrite(&journal)).unwrap();
        block_on(journal.close()).unwrap();
        assert_eq!(contents(&disk).unwrap().0, live_records());
    }
}

#[test]
fn d5_a_rename_that_cannot_be_made_durable_poisons() {
    let trouble = Trouble::Fail(EIO);
    let disk = Disk::default().with_trouble_at("sync directory", 1, trouble);
    let mut reached = Reached::Nothing;
    let error = block_on(live(&disk, &mut reached)).unwrap_err();
    assert!(matches!(error, JournalError::Failed { .. }), "{error}");
    assert_eq!(reached, Reached::Saved);
}

#[test]
fn a_rewrite_dropped_half_way_leaves_the_journal_as_it_was() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let before = block_on(save(&journal, &payloads(0..4))).unwrap();
    let begun = journal.shared.begin_rewrite().unwrap().unwrap();
    let handed_over = until(&journal.shared.room, || {
        let (taken, _) = journal.shared.push(&[entry(b"live")], Some(&begun)).unwrap();
        (taken == 1).then_some(())
    });
    block_on(handed_over);
    journal.shared.advance_rewrite(&begun, Stage::Abandoned);
    let after = block_on(save(&journal, &payloads(4..5))).unwrap();
    assert_eq!(after.as_u64(), before.as_u64() + 1);
    block_on(journal.close()).unwrap();
    assert_eq!(contents(&disk).unwrap().0, payloads(0..5));
}

#[test]
fn numbers_go_on_across_rewrites_and_restarts() {
    let disk = Disk::default();
    let mut last = None;
    for _ in 0..3 {
        let journal = open(&disk).unwrap();
        for _ in 0..2 {
            let saved = block_on(save(&journal, &payloads(0..3))).unwrap();
            assert!(last < Some(saved));
            let rewritten = block_on(journal.rewrite([entry(b"live")])).unwrap();
            assert!(saved < rewritten);
            last = Some(rewritten);
        }
        block_on(journal.close()).unwrap();
    }
    let (found, recovery) = contents(&disk).unwrap();
    assert_eq!(found, [b"live"]);
    assert_eq!(recovery.epoch, 4);
}

#[test]
fn a_rewritten_journal_knows_damage_at_once() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    block_on(rewrite(&journal)).unwrap();
    let damaged = disk.crash(|_| 0, || false);
    damaged.flip_bit(8 * (24 + 50));
    assert!(matches!(contents(&damaged), Err(JournalError::Corrupt { offset: 24, .. })));
}

#[test]
fn a_rewrite_gets_its_turn_while_others_append_without_pause() {
    let disk = Disk::default();
    let journal = open(&disk).unwrap();
    let (done, last) = (AtomicBool::new(false), live_records());
    let (rewritten, appended) = std::thread::scope(|scope| {
        let append = || {
            let mut seqs = vec![];
            while !done.load(Ordering::Relaxed) {
                seqs.push(block_on(journal.append(entry(b"more"))).unwrap());
            }
            seqs
        };
        let threads = [scope.spawn(append), scope.spawn(append)];
        let mut rewritten = None;
        for _ in 0..5 {
            let live = last.iter().map(|record| entry(record));
            rewritten = Some(block_on(journal.rewrite(live)).unwrap());
        }
        done.store(true, Ordering::Relaxed);
        (rewritten.unwrap(), threads.map(|thread| thread.join().unwrap()).concat())
    });
    block_on(journal.close()).unwrap();
    let (found, _) = contents(&disk).unwrap();
    let later = appended.iter().filter(|&&seq| seq > rewritten).count();
    assert_eq!(found[..last.len()], last);
    assert_eq!(found.len(), last.len() + later, "appends after the rewrite are kept, once");
}

#[test]
fn a_rewrite_dropped_before_it_began_loses_nothing_that_was_queued() {
    for _ in 0..200 {
        let disk = Disk::default();
        let journal = open(&disk).unwrap();
        block_on(journal.append(entry(b"queued"))).unwrap();
        let asked = journal.shared.begin_rewrite().unwrap().unwrap();
        journal.shared.advance_rewrite(&asked, Stage::Abandoned);
        block_on(journal.append(entry(b"later"))).unwrap();
        block_on(journal.close()).unwrap();
        assert_eq!(contents(&disk).unwrap().0, [&b"queued"[..], b"later"]);
    }
}
