//! Every interleaving of callers who share a budget.

use super::RetryBudget;
use crate::sync::Arc;
use loom::{model, thread};

/// No token is given twice, and none is lost.
#[test]
fn loom_budget_gives_each_token_once() {
    model(|| {
        let budget = Arc::new(RetryBudget::new(1, 100));
        let withdraw = || {
            let budget = budget.clone();
            thread::spawn(move || u32::from(budget.withdraw()))
        };
        let others = [withdraw(), withdraw()];
        budget.deposit();
        let taken: u32 = others.map(|other| other.join().unwrap()).iter().sum();
        // What is put into a full budget is gone.
        let end = (taken, budget.tokens());
        assert!([(1, 0), (1, 1), (2, 0)].contains(&end), "{end:?}");
    });
}
