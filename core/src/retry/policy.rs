//! When to call again, put together and carried out.

use super::{
    Attempts, Cause, Decision, Exhausted, Jitter, RetryBudget,
    history::History,
    jitter::Jittered,
    judge::{AnyError, Classify, Judge, Retry, RetryIf},
    limit::{AttemptLimit, PerAttempt, Unlimited},
    trace,
};
use crate::time::{Clock, Entropy, Instant};
use core::{fmt, time::Duration};

/// Calls an operation again when it fails, after the delays of `schedule`.
///
/// Any iterator of durations is a schedule; one of `n` delays allows `n + 1` calls.
///
/// # Examples
///
/// ```no_run
/// # use core::{num::NonZeroU32, time::Duration};
/// # use klaw::{Clock, retry::{Backoff, Exhausted, Jitter, Retry, retry}};
/// # async fn fetch() -> Result<String, std::io::Error> { Ok(String::new()) }
/// # async fn example(clock: impl Clock) -> Result<(), Exhausted<std::io::Error>> {
/// const MS100: Duration = Duration::from_millis(100);
/// const S10: Duration = Duration::from_secs(10);
/// const FIVE: NonZeroU32 = NonZeroU32::new(5).unwrap();
///
/// let page = retry(Backoff::exponential(MS100).max(S10).attempts(FIVE))
///     .jitter(Jitter::Full, 42)
///     .budget(Duration::from_secs(30))
///     .retry_if(|error: &std::io::Error, _| match error.kind() {
///         std::io::ErrorKind::NotFound => Retry::No,
///         _ => Retry::Yes,
///     })
///     .run(&clock, || fetch())
///     .await?;
/// # Ok(()) }
/// ```
pub const fn retry<S: Iterator<Item = Duration>>(schedule: S) -> Policy<'static, S> {
    Policy {
        schedule,
        jittered: Jittered::new(Jitter::None, 0),
        budget: Duration::MAX,
        deadline: Instant::FAR_FUTURE,
        tokens: None,
        judge: AnyError,
        limit: Unlimited,
        between: 0,
    }
}

/// When to call an operation again; made by [`retry`].
#[derive(Clone)]
#[must_use = "a policy does nothing until it is run"]
pub struct Policy<'b, S, J = AnyError, L = Unlimited> {
    schedule: S,
    jittered: Jittered,
    budget: Duration,
    deadline: Instant,
    tokens: Option<&'b RetryBudget>,
    judge: J,
    limit: L,
    // How many errors to keep between the first and the last.
    pub(super) between: usize,
}

impl<'b, S, J, L> Policy<'b, S, J, L> {
    /// Changes the delays by chance; equal seeds give equal delays.
    pub const fn jitter(mut self, jitter: Jitter, seed: u64) -> Self {
        self.jittered = Jittered::new(jitter, seed);
        self
    }

    /// The same with a seed from `entropy`.
    pub fn jitter_from(self, jitter: Jitter, entropy: &mut impl Entropy) -> Self {
        self.jitter(jitter, entropy.next_u64())
    }

    /// No call begins later than `budget` after the first one; attempts and waits both count.
    ///
    /// A call that has begun is not cut short; [`per_attempt`](Self::per_attempt) does that, or a
    /// [`timeout`](crate::timeout) around everything.
    pub const fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// No call but the first begins later than `deadline`.
    pub const fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = deadline;
        self
    }

    /// Each retry takes a token out of `tokens`, each run pays in.
    pub fn throttle(self, tokens: &RetryBudget) -> Policy<'_, S, J, L> {
        Policy { tokens: Some(tokens), ..self }
    }

    /// Asks `judge` about every error, given with the number of its call, the first being 1; except
    /// that a [`Cancelled`](crate::Cancelled) is never retried, nor an error that came of one.
    pub fn retry_if<E, F: FnMut(&E, u32) -> Retry>(self, judge: F) -> Policy<'b, S, RetryIf<F>, L> {
        self.with_judge(RetryIf(judge))
    }

    /// Asks `judge` about every error, of any type.
    ///
    /// For types that are not errors by [`core::error::Error`], `Box<dyn Error>` among them. `judge`
    /// answers [`Retry::No`] to a cancellation, which [`is_cancelled`](crate::cancel::is_cancelled)
    /// recognises.
    pub fn classify<E, F: FnMut(&E, u32) -> Retry>(
        self,
        judge: F,
    ) -> Policy<'b, S, Classify<F>, L> {
        self.with_judge(Classify(judge))
    }

    fn with_judge<K>(self, judge: K) -> Policy<'b, S, K, L> {
        let Self { schedule, jittered, budget, deadline, tokens, limit, between, .. } = self;
        Policy { schedule, jittered, budget, deadline, tokens, judge, limit, between }
    }

    /// Gives each attempt as much time; then it is dropped, and has failed.
    ///
    /// That is retried without asking anyone. The errors become
    /// [`TimeoutError`](crate::cancel::TimeoutError)s.
    pub fn per_attempt(self, limit: Duration) -> Policy<'b, S, J, PerAttempt> {
        let Self { schedule, jittered, budget, deadline, tokens, judge, between, .. } = self;
        let limit = PerAttempt(limit);
        Policy { schedule, jittered, budget, deadline, tokens, judge, limit, between }
    }
}

impl<S: Iterator<Item = Duration>, J, L> Policy<'_, S, J, L> {
    /// The state of a run whose first call begins at `now`.
    ///
    /// It knows neither the judge, nor the limit of each attempt, nor the tokens.
    pub fn start(self, now: Instant) -> Attempts<S> {
        Attempts::new(self.schedule, self.jittered, now, self.budget, self.deadline)
    }
}

impl<'b, S: Iterator<Item = Duration>, J, L: AttemptLimit> Policy<'b, S, J, L> {
    /// Calls `operation` until it succeeds or the policy says no more.
    ///
    /// It is called at least once. A call begins after the future of the one before was dropped.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] with the last error and the reason why it was the last.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops the attempt that is under way, and costs what that costs.
    pub fn run<C, O, F, T, E>(
        self,
        clock: &C,
        mut operation: O,
    ) -> impl Future<Output = Result<T, Exhausted<L::Error<E>>>> + use<'b, S, J, L, C, O, F, T, E>
    where
        C: Clock,
        O: FnMut() -> F,
        F: Future<Output = Result<T, E>>,
        J: Judge<E>,
        L::Error<E>: fmt::Debug,
    {
        let clock = clock.clone();
        async move {
            let Self { schedule, jittered, budget, deadline, tokens, mut judge, limit, between } =
                self;
            let mut attempts = Attempts::new(schedule, jittered, clock.now(), budget, deadline);
            let (mut first, mut between) = (None, History::new(between));
            if let Some(tokens) = tokens {
                tokens.deposit();
            }
            loop {
                let attempt = attempts.begun();
                // The attempt's future is gone at the end of this statement.
                let error = match limit.attempt(&clock, operation()).await {
                    Ok(value) => return Ok(value),
                    Err(error) => error,
                };
                let now = clock.now();
                let own = L::own(&error);
                let answer = own.map_or(Retry::Yes, |error| judge.judge(error, attempt.get()));
                let cause = match attempts.failed(now, answer) {
                    Decision::GiveUp(cause) => cause,
                    Decision::Wait(_) if tokens.is_some_and(|tokens| !tokens.withdraw()) => {
                        Cause::Throttled
                    }
                    Decision::Wait(delay) => {
                        trace::waiting(attempt.get(), delay, &error);
                        match &first {
                            None => first = Some(error),
                            Some(_) => between.push(error),
                        }
                        clock.sleep_until(now.saturating_add(delay)).await;
                        continue;
                    }
                };
                let elapsed = attempts.elapsed(now);
                let last = error;
                return Err(Exhausted { last, first, attempts: attempt, elapsed, cause, between });
            }
        }
    }
}

impl<S: fmt::Debug, J, L: fmt::Debug> fmt::Debug for Policy<'_, S, J, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schedule, jittered, budget, deadline, tokens, limit, .. } = self;
        f.debug_struct("Policy")
            .field("schedule", schedule)
            .field("jittered", jittered)
            .field("budget", budget)
            .field("deadline", deadline)
            .field("tokens", tokens)
            .field("limit", limit)
            .finish_non_exhaustive()
    }
}
