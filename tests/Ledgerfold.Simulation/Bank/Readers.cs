using System.Collections.Immutable;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// Those who ask: projections by key and by index with every kind of consistency, states on demand, and the states that decisions rest on.
/// Nothing they are shown is older than they asked for, older than they have seen, or anything but the replay of its events.
/// </summary>
internal sealed class Readers(BankWorld world, Callers callers)
{
    private readonly List<Asking> _asking = [];
    private readonly ReadSession[] _sessions = [new(), new()];
    private readonly Dictionary<(ReadSession Session, FoldName Fold, string Key), long> _seen = [];

    private SeededRandom Random => world.Random;

    private BankHistory History => world.History;

    public bool IsAnyoneWaiting => _asking.Count > 0;

    public void Ask(BankProcess process)
    {
        if (_asking.Count >= 20)
            return;
        switch (Random.Below(10))
        {
            case < 4:
                AskRow(process, process.Code.Balances[0], Account(), static row => row.Unit);
                break;
            case < 6:
                AskRow(process, process.Code.Desks, Random.OneIn(3) ? Projection.WholeKey : $"d{Random.Below(world.Plan.Desks)}", static _ => 1);
                break;
            case 6:
                AskPage(process);
                break;
            case 7 or 8:
                AskState(process);
                break;
            default:
                AskLive(process, Account());
                break;
        }
    }

    /// <summary>Asks for everything as new as it can be; all of it must come.</summary>
    public void AskForAll(BankProcess process)
    {
        foreach (var known in world.Rows.Folds.ToArray())
        {
            foreach (var key in known.Keys.ToArray())
            {
                if (known.Fold.Name == "desks")
                    AskRow(process, process.Code.Desks, key, static _ => 1, isLast: true);
                else if (known.Fold.Version == 1)
                    AskRow(process, process.Code.Balances[0], key, static row => row.Unit, isLast: true);
            }
        }

        for (var account = 0; account < world.Plan.Accounts; account++)
            AskLive(process, $"a{account}");
    }

    public void Settle(BankProcess process)
    {
        if (!process.IsAlive)
            return;
        for (var a = 0; a < _asking.Count; a++)
        {
            var asking = _asking[a];
            if (!asking.Task.IsCompleted)
                continue;
            _asking.RemoveAt(a--);
            if (asking.Failure is { } failure && !asking.IsExplained)
                throw new OracleException("no unexpected exception", $"{asking.What}: {failure}");
            if (asking.Failure is null && asking.Check is { } check)
                check();
        }
    }

    public void Abandon()
    {
        _asking.Clear();
    }

    private string Account() => $"a{Random.Below(world.Plan.Accounts)}";

    private void Begin(BankProcess process, string what, Func<Task<Action>> ask)
    {
        var asking = new Asking(what);
        world.Say($"ask for {what}");
        asking.Task = world.Scheduler.Start(async () =>
        {
            try
            {
                var check = await ask();
                if (process.IsAlive)
                    asking.Check = check;
            }
            catch (Exception failure)
            {
                asking.Failure = failure;
                asking.IsExplained = world.IsExplained(failure, process);
            }
        });
        _asking.Add(asking);
    }

    private (Consistency? How, long Wanted, ReadSession? Session) Draw()
    {
        var within = TimeSpan.FromMilliseconds(Random.Pick<int>([0, 20, 500]));
        switch (Random.Below(8))
        {
            case < 3:
                var token = Random.Coin() ? callers.Tokens[^1] : Random.Pick(callers.Tokens);
                return (Consistency.AtLeast(token, within), token, null);
            case < 6:
                var session = Random.Pick(_sessions);
                if (Random.OneIn(4))
                    session.Saw(callers.Tokens[^1]);
                return (Consistency.In(session, within), session.Position, session);
            case 6:
                return (Consistency.Latest(within), 0, null);
            default:
                return (null, 0, null);
        }
    }

    private void AskRow<TRow>(BankProcess process, Projection<TRow> projection, string key, Func<TRow, int> unitOf, bool isLast = false)
        where TRow : class
    {
        var (how, wanted, session) = isLast ? (Consistency.Latest(TimeSpan.FromSeconds(60)), History.Head, null) : Draw();
        var engine = world.Plan.Skips ? process.Engine : Random.Pick(process.Engines);
        var head = History.Head;
        Begin(process, $"{projection.Fold} {key}, {how}", async () =>
        {
            var reader = new Projections(engine).Of(projection);
            var answer = await reader.Get(key, how);
            var reads = reader.Reads;
            return () => Check(answer, reads);
        });

        void Check(ReadAnswer<TRow?> answer, FoldName reads)
        {
            if (answer is not ReadAnswer<TRow?>.Found { Value: var row, Freshness: var fresh })
            {
                world.Marks.Hit("bank: a read was too old in time");
                if (isLast)
                    throw new OracleException("settles", $"{projection.Fold} {key} does not come up to the ledger: {answer.Freshness}");
                return;
            }

            if (how is Consistency.Head)
                wanted = Math.Max(wanted, head);
            CheckFresh(fresh, wanted, $"{reads} {key}");
            if (row is not null && projection.Fold.Name == "balances")
                reads = reads with { Version = unitOf(row) == 1 ? 1 : 2 };
            CheckRow(world.Rows.Of(reads), key, row, fresh, session);
            world.Marks.Hit("bank: a row was read");
            world.Marks.Hit("bank: a row was read while it was held", !fresh.Held.IsEmpty);
        }
    }

    private void CheckRow(KnownFold fold, string key, object? state, Freshness fresh, ReadSession? session)
    {
        var isHeld = !fresh.Held.IsEmpty;
        var row = state is null ? null : fold.RowOf(key, state);
        long[] required = isHeld ? [] : [.. fold.EventsOf(key, fresh.Position)]; // how far what is held has come is told before it is written
        world.Rows.CheckRow(fold, key, row, required, isHeld ? 0 : fresh.Position, $"a read at {fresh.Position}");
        if (session is null)
            return;
        var newest = KnownFold.AppliedOf(row).LastOrDefault();
        var name = (session, fold.Fold, key);
        if (!isHeld && newest < _seen.GetValueOrDefault(name))
            throw new OracleException("session", $"{fold.Fold} {key} was seen up to {_seen[name]}, and is shown up to {newest} now");
        _seen[name] = Math.Max(newest, _seen.GetValueOrDefault(name));
    }

    private void CheckFresh(Freshness fresh, long wanted, string what)
    {
        if (fresh.Position < wanted)
            throw new OracleException("token", $"{what} is shown as of {fresh.Position}, and {wanted} was asked for");
        if (fresh.Position > History.Head)
            throw new OracleException("position", $"{what} is shown as of {fresh.Position}, and the ledger ends at {History.Head}");
    }

    /// <summary>All rows of a page are of one moment.</summary>
    private void AskPage(BankProcess process)
    {
        var (how, wanted, _) = Draw();
        var projection = process.Code.Balances[0];
        var owner = $"o{Random.Below(3)}";
        var query = new RowQuery<BalanceRow> { Index = "owner", Value = owner, Backward = Random.Coin() };
        var engine = process.Engine;
        Begin(process, $"{projection.Fold} of {owner}, {how}", async () =>
        {
            var reader = new Projections(engine).Of(projection);
            var answer = await reader.Read(query, how);
            return () => Check(answer);
        });

        void Check(ReadAnswer<RowPage<BalanceRow>> answer)
        {
            if (answer is not ReadAnswer<RowPage<BalanceRow>>.Found { Value.Rows: var rows, Freshness: var fresh })
                return;
            CheckFresh(fresh, wanted, $"the balances of {owner}");
            foreach (var row in rows)
            {
                if (row.State.Owner != owner)
                    throw new OracleException("index", $"{row.Key} belongs to {row.State.Owner}, and is found under {owner}");
                CheckRow(world.Rows.Of(projection.Fold with { Version = row.State.Unit == 1 ? 1 : 2 }), row.Key, row.State, fresh, session: null);
            }

            if (fresh.Held.IsEmpty && !world.Plan.Skips)
                CheckComplete(rows, owner, fresh.Position);
            world.Marks.Hit("bank: a page was read", !rows.IsEmpty);
        }
    }

    private void CheckComplete(ImmutableArray<Row<BalanceRow>> rows, string owner, long position)
    {
        var opened = Enumerable.Range(1, (int)position).Where(at => History.FactAt(at) is BankEvent.Opened opened && opened.Owner == owner);
        foreach (var key in opened.Select(at => History.At(at).Stream[(BankDecisions.AccountCategory.Length + 1)..]))
        {
            if (rows.All(row => row.Key != key))
                throw new OracleException("index", $"as of {position} {key} belongs to {owner}, and is not found");
        }
    }

    /// <summary>The state that a decision would rest on, from memory or from a snapshot or from the beginning.</summary>
    private void AskState(BankProcess process)
    {
        var stream = BankBooks.StreamOf(Account());
        var fresh = Random.Coin();
        var head = History.Head;
        var commands = Random.Pick(process.Commands);
        var code = process.Code;
        Begin(process, $"the state of {stream}{(fresh ? ", fresh" : "")}", async () =>
        {
            var loader = commands.Engine.LoaderOf(code.Accounts, new EventCodec(code.Module.EventTypes));
            var loaded = await loader.Load(new Model.Commanding.StreamKey(Tenants.Default, stream), fresh, CancellationToken.None);
            return () =>
            {
                var kept = loaded.Kept;
                world.Rows.CheckState(stream, kept.Version, kept.Value, code.Unit, "a state");
                if (fresh && kept.Version < History.Events.Count(recorded => recorded.Stream == stream && recorded.Position <= head))
                    throw new OracleException("replay", $"a fresh state of {stream} has seen {kept.Version} events and missed others up to {head}");
            };
        });
    }

    private void AskLive(BankProcess process, string key)
    {
        var projection = process.Code.Balances[^1];
        var known = world.Rows.Of(projection.Fold);
        var at = Random.Coin() ? long.MaxValue : Random.Below(History.Head + 1);
        var head = History.Head;
        var timeline = process.Timelines.Of(projection, key);
        Begin(process, $"{projection.Fold} {key} as of {at}", async () =>
        {
            var state = await timeline.At(at == long.MaxValue ? Moment.Now : Moment.AfterPosition(at));
            return () =>
            {
                if (state is not TimelineAnswer<BalanceRow?>.Computed { Value: var row, Position: var until })
                {
                    if (world.Plan.Poisons)
                        return;
                    throw new OracleException("live", $"{key} as of {at}: {state}");
                }

                if (at == long.MaxValue ? until < head : until > at)
                    throw new OracleException("live", $"{key} as of {at} is of {until}, the ledger stood at {head}");
                var expected = KnownFold.Say(known.RowOf(key, known.EventsOf(key, until)));
                var found = KnownFold.Say(row is null ? null : known.RowOf(key, row));
                if (found != expected)
                    throw new OracleException("replay", $"live as of {until} {key} is {found}, a replay gives {expected}");
            };
        });
    }

    private sealed class Asking(string what)
    {
        public string What => what;

        public Task Task { get; set; } = Task.CompletedTask;

        public Action? Check { get; set; }

        public Exception? Failure { get; set; }

        public bool IsExplained { get; set; }
    }
}
