//! Pools: actors that do the same work, supervised, behind one handle.
//!
//! The handle finds the member for a message; no actor stands in between. By default all members
//! take from one queue, so nothing waits behind a message that takes long, and a member that fails
//! takes nothing with it but the message in hand. Each member has a mailbox of its own besides, for
//! [`broadcast`](ActorPool::broadcast) and for messages that belong to a key.
//!
//! A member that fails is restarted in its place, within a budget of its own; the incarnation before
//! is gone by then. One that has spent its budget is replaced, as long as the pool's budget lasts.
//! A replacement is a new member in the same place: it takes over what waits there. When no member is
//! left and none will come, the pool closes: who waits is told at once.
//!
//! # Examples
//!
//! ```
//! use klaw::{Actor, AskError, Ctx, Reply, Runtime};
//! use klaw::pool::PoolEvent;
//!
//! enum Msg { Square(u64, Reply<u64>), Forget }
//!
//! #[derive(Default)]
//! struct Worker { squares: Vec<u64> }
//!
//! impl Actor for Worker {
//!     type Msg = Msg;
//!     type Error = &'static str;
//!
//!     async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
//!         match msg {
//!             Msg::Square(n, reply) => {
//!                 let square = n.checked_mul(n).ok_or("too large")?;
//!                 self.squares.push(square);
//!                 reply.send(square);
//!             }
//!             Msg::Forget => self.squares.clear(),
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # #[cfg(feature = "sim")]
//! # fn main() {
//! # let sim = klaw::sim::Sim::new(7);
//! # let rt = Runtime::new(sim.spawner(), sim.clock());
//! # sim.run(async {
//! let pool = rt
//!     .spawn_pool(4, |member| member.serve(Worker::default()))
//!     .name("squares")
//!     .max_restarts(10)
//!     .observe(|event| {
//!         if let PoolEvent::Failed { member, error, .. } = event {
//!             println!("{member}: {error:?}"); // squares[2]: "too large"
//!         }
//!     })
//!     .start()?;
//!
//! assert_eq!(pool.ask(|reply| Msg::Square(12, reply)).await, Ok(144));
//! let squares = pool.map([1, 2, u64::MAX, 4], Msg::Square).collect().await;
//! assert_eq!(squares, [Ok(1), Ok(4), Err(AskError::NoReply), Ok(16)]);
//! assert_eq!(pool.broadcast(|| Msg::Forget).await, Ok(4));
//! pool.stop().await;
//! # Ok::<_, klaw::SpawnErrorKind>(())
//! # }).unwrap().unwrap();
//! # }
//! # #[cfg(not(feature = "sim"))]
//! # fn main() {}
//! ```

mod ask;
mod builder;
mod error;
mod event;
mod handle;
mod keeper;
mod key;
mod map;
mod member;
mod place;
mod route;
mod seat;
mod send;
mod shared;
mod task;
mod terms;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_none.rs"]
mod trace;

pub use builder::PoolBuilder;
pub use error::PoolClosed;
pub use event::PoolEvent;
pub use handle::ActorPool;
pub use map::PoolMap;
pub use member::{Member, MemberFactory, ServeMember};
pub use route::Route;
pub use seat::{MemberInfo, MemberState};
pub use task::PoolTask;
