//! Erlang's processes and OTP's `gen_server` under a supervisor, in a process of their own.
//!
//! One `erl` with one scheduler and one with two wait for work on their standard input. They say
//! how long it took by the wall clock, on one thread, too. Without an `erl` the rows are left out.

use super::Peer;
use crate::{
    scenario::{Program, Scenario},
    stage::Threads,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/actors/peers/actors.erl");

/// Compiles the source in memory, then does as it is told.
const START: &str = "{ok, M, Code} = compile:file(hd(init:get_plain_arguments()), [binary]), \
                     {module, M} = code:load_binary(M, \"actors.erl\", Code), M:main().";

pub fn peers() -> Vec<Peer> {
    if let Err(error) = Command::new("erl").args(["-noshell", "-s", "erlang", "halt"]).status() {
        eprintln!("SKIPPED: Erlang, since there is no `erl`: {error}");
        println!("SKIPPED: Erlang, since there is no `erl`: {error}\n");
        return vec![];
    }
    vec![peer("Erlang process", process), peer("OTP gen_server", gen_server)]
}

fn peer(name: &'static str, program: fn(Scenario) -> Option<Program>) -> Peer {
    Peer {
        name,
        package: None,
        is_base: false,
        is_ours: false,
        program,
        figure: None,
        restart_figure: None,
    }
}

fn process(scenario: Scenario) -> Option<Program> {
    Some(match scenario {
        Scenario::Tell => |threads, count| ask(threads, "process tell", count),
        Scenario::TellFour => |threads, count| ask(threads, "process tell_four", count),
        Scenario::Ask => |threads, count| ask(threads, "process ask", count),
        Scenario::Spawn => |threads, count| ask(threads, "process spawn", count),
        Scenario::Ring => |threads, count| ask(threads, "process ring", count),
        Scenario::Restart | Scenario::Panic => return None,
    })
}

fn gen_server(scenario: Scenario) -> Option<Program> {
    Some(match scenario {
        Scenario::Tell => |threads, count| ask(threads, "gen_server tell", count),
        Scenario::TellFour => |threads, count| ask(threads, "gen_server tell_four", count),
        Scenario::Ask => |threads, count| ask(threads, "gen_server ask", count),
        Scenario::Spawn => |threads, count| ask(threads, "gen_server spawn", count),
        Scenario::Ring => |threads, count| ask(threads, "gen_server ring", count),
        Scenario::Restart => |threads, count| ask(threads, "gen_server restart", count),
        Scenario::Panic => |threads, count| ask(threads, "gen_server panic", count),
    })
}

/// An `erl` that waits for work; it ends when its input does.
struct Erl {
    _process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

fn ask(threads: Threads, order: &str, count: u64) -> Duration {
    static ONE: Mutex<Option<Erl>> = Mutex::new(None);
    static TWO: Mutex<Option<Erl>> = Mutex::new(None);
    let (erl, schedulers) = match threads {
        Threads::Root | Threads::One => (&ONE, "1:1"),
        Threads::Two => (&TWO, "2:2"),
    };
    let mut erl = erl.lock().expect("nobody panics with it");
    erl.get_or_insert_with(|| Erl::start(schedulers)).ask(order, count)
}

impl Erl {
    fn start(schedulers: &str) -> Self {
        let mut process = Command::new("erl")
            .args(["+S", schedulers, "-noshell", "-eval", START, "-extra", SOURCE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it has started before");
        let orders = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        Self { _process: process, orders, answers }
    }

    fn ask(&mut self, order: &str, count: u64) -> Duration {
        writeln!(self.orders, "{order} {count}").expect("erl runs");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("erl answers");
        let nanos = answer.trim().parse();
        Duration::from_nanos(nanos.unwrap_or_else(|_| panic!("erl said {answer:?} to {order}")))
    }
}
