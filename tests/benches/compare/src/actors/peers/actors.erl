%% What the Rust peers do, as plain processes and as gen_servers under a supervisor.
%%
%% Reads lines `Kind Scenario Count` and answers each with a line of nanoseconds.

-module(actors).
-behaviour(gen_server).
-behaviour(supervisor).
-export([main/0, loop/2, init/1, handle_call/3, handle_cast/2, start_child/1]).

-define(RING, 1000).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    next().

next() ->
    case io:get_line("") of
        eof ->
            erlang:halt(0);
        Line ->
            [Kind, Scenario, Count] = string:lexemes(string:trim(Line), " "),
            Taken = run(list_to_atom(Kind), list_to_atom(Scenario), list_to_integer(Count)),
            io:format("~w~n", [erlang:convert_time_unit(Taken, perf_counter, nanosecond)]),
            next()
    end.

run(Kind, tell, Count) ->
    Actor = start(Kind),
    timed(fun() -> tell_all(Kind, Actor, Count), Count = sum(Kind, Actor) end,
          fun() -> stop(Kind, Actor) end);
run(Kind, tell_four, Count) ->
    Actor = start(Kind),
    Each = Count div 4,
    timed(fun() ->
                  Tellers = [element(2, spawn_monitor(fun() -> tell_all(Kind, Actor, Each) end))
                             || _ <- lists:seq(1, 4)],
                  [receive {'DOWN', M, process, _, normal} -> ok end || M <- Tellers],
                  Sum = sum(Kind, Actor),
                  Sum = 4 * Each
          end,
          fun() -> stop(Kind, Actor) end);
run(Kind, ask, Count) ->
    Actor = start(Kind),
    add(Kind, Actor, 7),
    timed(fun() -> ask_all(Kind, Actor, Count) end, fun() -> stop(Kind, Actor) end);
run(Kind, spawn, Count) ->
    timed(fun() -> spawn_all(Kind, Count) end, fun() -> ok end);
run(Kind, ring, Hops) ->
    Actors = [start(Kind) || _ <- lists:seq(1, ?RING)],
    [First | Rest] = Actors,
    [introduce(Kind, A, N) || {A, N} <- lists:zip(Actors, Rest ++ [First])],
    [sum(Kind, A) || A <- Actors],
    timed(fun() -> pass(Kind, First, Hops - 1), receive arrived -> ok end end,
          fun() -> [stop(Kind, A) || A <- Actors] end);
run(gen_server, Restart, Count) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {supervisor, self()}),
    Child = receive {started, Pid} -> Pid end,
    timed(fun() -> restart_all(Restart, Child, Count) end,
          fun() ->
                  unlink(Supervisor),
                  gen_server:stop(Supervisor, shutdown, infinity)
          end).

timed(Work, Cleanup) ->
    Start = os:perf_counter(),
    Work(),
    Taken = os:perf_counter() - Start,
    Cleanup(),
    Taken.

tell_all(_, _, 0) -> ok;
tell_all(Kind, Actor, Left) ->
    add(Kind, Actor, 1),
    tell_all(Kind, Actor, Left - 1).

ask_all(_, _, 0) -> ok;
ask_all(Kind, Actor, Left) ->
    7 = sum(Kind, Actor),
    ask_all(Kind, Actor, Left - 1).

spawn_all(_, 0) -> ok;
spawn_all(Kind, Left) ->
    stop(Kind, start(Kind)),
    spawn_all(Kind, Left - 1).

restart_all(_, _, 0) -> ok;
restart_all(Restart, Child, Left) ->
    gen_server:cast(Child, Restart),
    receive {started, Next} -> restart_all(Restart, Next, Left - 1) end.

%% Processes.

start(process) -> spawn(?MODULE, loop, [0, {none, self()}]);
start(gen_server) -> {ok, Pid} = gen_server:start(?MODULE, {counter, self()}, []), Pid.

add(process, Actor, Number) -> Actor ! {add, Number};
add(gen_server, Actor, Number) -> gen_server:cast(Actor, {add, Number}).

sum(process, Actor) ->
    Question = erlang:monitor(process, Actor),
    Actor ! {sum, self(), Question},
    receive {Question, Sum} -> erlang:demonitor(Question, [flush]), Sum end;
sum(gen_server, Actor) -> gen_server:call(Actor, sum, infinity).

introduce(process, Actor, Next) -> Actor ! {introduce, Next};
introduce(gen_server, Actor, Next) -> gen_server:cast(Actor, {introduce, Next}).

pass(process, Actor, Left) -> Actor ! {pass, Left};
pass(gen_server, Actor, Left) -> gen_server:cast(Actor, {pass, Left}).

stop(process, Actor) ->
    Monitor = erlang:monitor(process, Actor),
    Actor ! stop,
    receive {'DOWN', Monitor, process, _, _} -> ok end;
stop(gen_server, Actor) -> gen_server:stop(Actor).

loop(Sum, {Next, Driver}) ->
    receive
        {add, Number} -> loop(Sum + Number, {Next, Driver});
        {sum, From, Question} -> From ! {Question, Sum}, loop(Sum, {Next, Driver});
        {introduce, Other} -> loop(Sum, {Other, Driver});
        {pass, 0} -> Driver ! arrived, loop(Sum + 1, {Next, Driver});
        {pass, Left} -> Next ! {pass, Left - 1}, loop(Sum + 1, {Next, Driver});
        stop -> ok
    end.

%% gen_servers; the state is {Sum, Next, Driver}.

start_child(Driver) -> gen_server:start_link(?MODULE, {child, Driver}, []).

init({supervisor, Driver}) ->
    {ok, {#{strategy => one_for_one, intensity => 1000000000, period => 1},
          [#{id => child, start => {?MODULE, start_child, [Driver]}}]}};
init({child, Driver}) -> Driver ! {started, self()}, {ok, {0, none, Driver}};
init({counter, Driver}) -> {ok, {0, none, Driver}}.

handle_call(sum, _, {Sum, _, _} = State) -> {reply, Sum, State}.

handle_cast({add, Number}, {Sum, Next, Driver}) -> {noreply, {Sum + Number, Next, Driver}};
handle_cast({introduce, Next}, {Sum, _, Driver}) -> {noreply, {Sum, Next, Driver}};
handle_cast({pass, 0}, {Sum, Next, Driver}) -> Driver ! arrived, {noreply, {Sum + 1, Next, Driver}};
handle_cast({pass, Left}, {Sum, Next, Driver}) ->
    gen_server:cast(Next, {pass, Left - 1}),
    {noreply, {Sum + 1, Next, Driver}};
handle_cast(restart, State) -> {stop, failed, State};
handle_cast(panic, _) -> error(on_purpose).
