//! Power cuts and dropped futures at every moment: what a store on flash keeps of what it was given.
//!
//! The rules are those of all durable state: d1 what was acknowledged is there, d2 what was seen
//! stays, d3 what was being done is done or is not, and nothing else changes.

mod nor_flash;

use klaw_embassy::{
    Checkpointer,
    flash::{self, FlashCheckpointer, FlashError},
};
use nor_flash::{Nor, PowerCut, polled, run};
use std::collections::BTreeMap;

type Store<const R: usize, const W: usize, const E: usize> = FlashCheckpointer<Nor<R, W, E>>;

#[derive(Clone, Debug)]
enum Op {
    Save(u8, Vec<u8>),
    Remove(u8),
}

/// The values as they were acknowledged.
type Model = BTreeMap<u8, Vec<u8>>;

impl Op {
    const fn key(&self) -> u8 {
        let (Self::Save(key, _) | Self::Remove(key)) = self;
        *key
    }

    fn apply(&self, model: &mut Model) {
        match self {
            Self::Save(key, value) => {
                model.insert(*key, value.clone());
            }
            Self::Remove(key) => {
                model.remove(key);
            }
        }
    }

    async fn run<const R: usize, const W: usize, const E: usize>(
        &self,
        store: &mut Store<R, W, E>,
    ) -> Result<(), FlashError<PowerCut>> {
        match self {
            Self::Save(key, value) => store.save(&[*key], value).await,
            Self::Remove(key) => store.remove(&[*key]).await,
        }
    }
}

fn load<const R: usize, const W: usize, const E: usize>(
    store: &mut Store<R, W, E>,
    key: u8,
) -> Option<Vec<u8>> {
    let mut buf = [0; 1024];
    run(store.load(&[key], &mut buf)).unwrap().map(<[u8]>::to_vec)
}

fn open<const R: usize, const W: usize, const E: usize>(chip: &Nor<R, W, E>) -> Store<R, W, E> {
    run(FlashCheckpointer::open(chip.clone(), chip.range())).unwrap()
}

/// Compares the store with the model, in which `unsure` may have happened or not; settles which.
fn check<const R: usize, const W: usize, const E: usize>(
    store: &mut Store<R, W, E>,
    model: &mut Model,
    unsure: Option<&Op>,
) {
    let found: Model = (0..8).filter_map(|key| Some((key, load(store, key)?))).collect();
    if found != *model {
        let op = unsure.unwrap_or_else(|| panic!("has {found:?}, was given {model:?}"));
        let mut done = model.clone();
        op.apply(&mut done);
        assert_eq!(found, done, "had {model:?}, was doing {op:?}");
        *model = done;
    }
}

/// Saves, replacements and removals that make a ring of small pages turn several times.
fn history(rounds: u8) -> Vec<Op> {
    let mut ops = vec![Op::Save(7, vec![0x77; 9])];
    for round in 0..rounds {
        ops.push(Op::Save(0, vec![round; 5 + usize::from(round) % 40]));
        ops.push(Op::Save(1 + round % 2, vec![round ^ 0xff; usize::from(round * 7) % 30]));
        if round % 3 == 2 {
            ops.push(Op::Remove(1 + round % 2));
        }
        if round % 5 == 4 {
            ops.push(Op::Remove(0));
        }
    }
    ops
}

/// Runs `ops` with a cut after so many steps; what came of it outlasts the cut, and more can be done.
fn cut_once<const R: usize, const W: usize, const E: usize>(pages: usize, ops: &[Op], cut: u64) {
    let chip = Nor::<R, W, E>::new(pages, cut);
    chip.cut_after(cut);
    let mut model = Model::new();
    let mut unsure = None;
    let mut done = 0;
    if let Ok(mut store) = run(FlashCheckpointer::open(chip.clone(), chip.range())) {
        for op in ops {
            match run(op.run(&mut store)) {
                Ok(()) => op.apply(&mut model),
                Err(error) => {
                    assert_eq!(error, FlashError::Device(PowerCut));
                    unsure = Some(op);
                    break;
                }
            }
            done += 1;
        }
    }
    chip.power_on();
    // Twice, as what is seen once must be seen again.
    for _ in 0..2 {
        check(&mut open(&chip), &mut model, unsure.take());
    }
    let mut store = open(&chip);
    for op in &ops[done..] {
        run(op.run(&mut store)).unwrap();
        op.apply(&mut model);
        check(&mut store, &mut model, None);
    }
    check(&mut open(&chip), &mut model, None);
}

fn cut_everywhere<const R: usize, const W: usize, const E: usize>(pages: usize) {
    let ops = history(14);
    let chip = Nor::<R, W, E>::new(pages, 0);
    let mut store = open(&chip);
    for op in &ops {
        run(op.run(&mut store)).unwrap();
    }
    let turns = chip.erases().iter().min().copied().unwrap();
    assert!(turns >= 1, "the ring must turn in this test");
    // Without optimisation only some of them.
    let stride = if cfg!(debug_assertions) { 13 } else { 1 };
    for cut in (0..=chip.steps()).step_by(stride) {
        cut_once::<R, W, E>(pages, &ops, cut);
    }
}

#[test]
fn d1_d2_d3_a_cut_at_every_byte_and_in_every_erase_of_two_pages() {
    cut_everywhere::<1, 1, 512>(2);
}

#[test]
fn d1_d2_d3_a_cut_at_every_byte_and_in_every_erase_of_three_and_four_pages() {
    cut_everywhere::<4, 4, 256>(4);
    cut_everywhere::<2, 16, 512>(3);
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn op(&mut self, max: usize, count: u32) -> Op {
        let key = self.below(6) as u8;
        if self.below(5) == 0 {
            return Op::Remove(key);
        }
        let len = match self.below(8) {
            0 => max,
            1 => 0,
            _ => self.below(max as u64 / 3) as usize,
        };
        let mut value = vec![self.below(256) as u8; len];
        for (byte, mark) in value.iter_mut().zip(count.to_le_bytes()) {
            *byte = mark;
        }
        Op::Save(key, value)
    }
}

/// A save is refused only if what counts leaves no room for it in each page but one, on average.
fn assert_crowded<const R: usize, const W: usize, const E: usize>(
    chip: &Nor<R, W, E>,
    model: &Model,
    op: &Op,
) {
    let Op::Save(_, value) = op else { panic!("a removal was refused") };
    let record = |value: &Vec<u8>| (45 + 1 + value.len()).next_multiple_of(W.max(4));
    let room = (FlashCheckpointer::<Nor<R, W, E>>::MAX_LEN + 45) / W.max(4) * W.max(4);
    let live: usize = model.values().map(record).sum();
    let pages = chip.range().len() / E;
    assert!(live > (pages - 1) * (room - record(value)), "{live} bytes count");
}

/// One random history: cuts, also while the store recovers from one, and futures dropped anywhere.
fn random_history<const R: usize, const W: usize, const E: usize>(seed: u64) -> u32 {
    let mut random = Random(seed);
    let chip = Nor::<R, W, E>::new(2 + random.below(4) as usize, seed);
    let mut model = Model::new();
    let mut full = 0;
    let mut count = 0;
    for _ in 0..1 + random.below(4) {
        let mut store = open(&chip);
        check(&mut store, &mut model, None);
        let ends_in_a_cut = random.below(4) > 0;
        if ends_in_a_cut {
            chip.cut_after(random.below(3000));
        }
        let mut unsure = None;
        for _ in 0..random.below(40) {
            count += 1;
            let op = random.op(FlashCheckpointer::<Nor<R, W, E>>::MAX_LEN - 1, count);
            let dropped = random.below(6) == 0;
            chip.set_pends(dropped);
            let polls = if dropped { 1 + random.below(40) as usize } else { usize::MAX };
            let result = polled(op.run(&mut store), polls);
            chip.set_pends(false);
            match result {
                Some(Ok(())) => op.apply(&mut model),
                Some(Err(FlashError::Full)) => {
                    assert_crowded::<R, W, E>(&chip, &model, &op);
                    full += 1;
                }
                Some(Err(FlashError::Device(PowerCut))) => {
                    unsure = Some(op);
                    break;
                }
                Some(Err(error)) => panic!("{error}"),
                None => {
                    // Looked at by the same store: it must have seen what the dropped one left.
                    let mut buf = [0; 1024];
                    let seen = run(store.load(&[op.key()], &mut buf));
                    let Ok(seen) = seen else {
                        unsure = Some(op);
                        break;
                    };
                    let mut done = model.clone();
                    op.apply(&mut done);
                    let seen = seen.map(<[u8]>::to_vec);
                    if seen != model.get(&op.key()).cloned() {
                        assert_eq!(seen, done.get(&op.key()).cloned());
                        model = done;
                    }
                }
            }
        }
        chip.power_on();
        check(&mut open(&chip), &mut model, unsure.as_ref());
    }
    full
}

#[test]
fn d1_d2_d3_d7_random_histories_with_cuts_and_dropped_futures() {
    let seeds = if cfg!(debug_assertions) { 0..1_500 } else { 0..20_000 };
    let mut full = 0;
    for seed in seeds {
        full += match seed % 5 {
            0 => random_history::<1, 1, 256>(seed),
            1 => random_history::<4, 4, 256>(seed),
            2 => random_history::<1, 8, 512>(seed),
            3 => random_history::<4, 32, 512>(seed),
            _ => random_history::<8, 256, 1024>(seed),
        };
    }
    assert!(full > 0, "some of the histories must fill their flash");
}

#[test]
fn d3_d7_a_save_dropped_at_each_of_its_awaits_is_done_or_is_not() {
    // The second save begins a page and copies; the first does not.
    for saves in [1, 5, 6, 7, 12] {
        let mut polls = 1;
        loop {
            let chip = Nor::<4, 4, 512>::new(2, polls as u64);
            let mut store = open(&chip);
            let mut model = Model::new();
            for n in 0..saves {
                let op = Op::Save(n % 2, vec![n; 20]);
                run(op.run(&mut store)).unwrap();
                op.apply(&mut model);
            }
            chip.set_pends(true);
            let op = Op::Save(0, vec![0xab; 20]);
            let through = polled(op.run(&mut store), polls).is_some();
            chip.set_pends(false);
            check(&mut store, &mut model, Some(&op));
            // It goes on as if nothing had been, with and without opening it again.
            for last in [Op::Save(1, vec![1; 30]), Op::Remove(0)] {
                run(last.run(&mut store)).unwrap();
                last.apply(&mut model);
                check(&mut store, &mut model, None);
                store = open(&chip);
                check(&mut store, &mut model, None);
            }
            if through {
                break;
            }
            polls += 1;
        }
        assert!(polls > 3, "there must be something to be dropped at");
    }
}

#[test]
fn d1_d3_a_cut_while_a_page_is_erased_whose_copies_were_cut_before() {
    let mut hits = 0;
    for seed in 0..if cfg!(debug_assertions) { 1000 } else { 10_000 } {
        let chip = Nor::<4, 4, 512>::new(2, seed);
        let mut store = open(&chip);
        let mut model = Model::new();
        // Four values to be copied, and then as many saves as the page has room for.
        for n in 0..6 {
            let op = Op::Save(n % 4, vec![n; 12]);
            run(op.run(&mut store)).unwrap();
            op.apply(&mut model);
        }
        let op = Op::Save(0, vec![0xab; 100]);
        // Somewhere in the copies, behind the erase and the header; then in the next erase.
        for cut in [45 + seed % 240, 1 + seed % 4] {
            chip.cut_after(cut);
            let saved = run(op.run(&mut store));
            chip.power_on();
            hits += u32::from(saved.is_err());
            store = open(&chip);
            check(&mut store, &mut model, Some(&op));
        }
        run(op.run(&mut store)).unwrap();
        op.apply(&mut model);
        check(&mut open(&chip), &mut model, None);
    }
    assert!(hits > 100, "cuts must hit");
}

#[test]
fn cuts_of_the_very_first_save_need_no_format_while_a_page_is_blank() {
    for cut in 0..100 {
        let chip = Nor::<1, 4, 256>::new(2, cut);
        for _ in 0..2 {
            let mut store = open(&chip);
            chip.cut_after(cut);
            let saved = run(store.save(b"k", b"value"));
            chip.power_on();
            if saved.is_ok() {
                break;
            }
            check(&mut open(&chip), &mut Model::new(), None);
        }
        let mut store = open(&chip);
        run(store.save(b"k", b"value")).unwrap();
        assert_eq!(load(&mut store, b'k').unwrap(), b"value");
        run(flash::format(chip.clone(), chip.range())).unwrap();
        assert_eq!(load(&mut open(&chip), b'k'), None);
    }
}
