using System.Collections.Immutable;
using Ledgerfold;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;
using Marketplace.Amounts;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using Marketplace.Stock;

namespace Marketplace.Tests.Checkout;

/// <summary>
/// The marketplace up to checkout with its provider, in memory, on a clock that stands still and a scheduler that runs on the test's thread.
/// It can be stopped at any moment and started again; the provider goes on, as the outside world does.
/// </summary>
internal sealed class CheckoutRun
{
    private SeededScheduler _scheduler;
    private ulong _seed;
    private readonly SeededChance _chance;
    private readonly InMemoryFoldStore _rows = new();
    private readonly IPaymentProvider _provider;
    private readonly EventCodec _codec;
    private FoldEngine _folds = null!;

    public CheckoutRun(ulong seed = 1, Func<SimulatedProvider, IPaymentProvider>? provider = null, Func<InMemoryLedger, ILedger>? ledger = null)
    {
        (_scheduler, _chance, _seed) = (new SeededScheduler(seed), new SeededChance(seed), seed);
        Ledger = new InMemoryLedger(Clock);
        Provider = new SimulatedProvider(new SimulatedDisk(seed), Clock);
        _provider = provider?.Invoke(Provider) ?? Provider;
        _codec = new EventCodec(Modules.Aggregate(EventTypes.None, static (types, module) => types.With(module.EventTypes)));
        Begin(ledger?.Invoke(Ledger) ?? Ledger);
    }

    public ManualClock Clock { get; } = new();

    public InMemoryLedger Ledger { get; }

    public SimulatedProvider Provider { get; }

    public Commands Commands { get; set; } = null!;

    public ProcessEngine Engine { get; private set; } = null!;

    /// <summary>Whether nobody knows what was seen before.</summary>
    public bool IsBlind { get; set; }

    public Projections Rows => new(_folds);

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>What the provider holds now and has not taken.</summary>
    public int Held => Provider.Holds().Count(hold => hold.IsHeld(Now) && hold.Captures.IsEmpty);

    private ImmutableArray<Module> Modules =>
    [
        CheckoutModule.Module,
        Marketplace.Orders.Order.Module,
        Inventory.Module,
        PaymentsModule.With(_provider, Clock),
        FraudModule.With(RuleSet.Current, () => IsBlind ? throw new TimeoutException() : Rows, Clock),
    ];

    /// <summary>An order of these at 10.00 EUR each, that passes.</summary>
    public static CreateOrder OrderOf(string orderId, params ImmutableArray<(string Sku, int Quantity)> lines) => new(
        orderId,
        $"customer-{orderId}",
        "EUR",
        [.. lines.Select(static line => new OrderedLine(line.Sku, "V1", line.Quantity, new Money(10_00, "EUR")))],
        Discount: null,
        [],
        new PaymentDetails($"card-{orderId}"));

    public void Receive(string sku, int quantity) => Accept(new ReceiveStock(sku, "V1", "north", quantity));

    /// <summary>What the provider says of the card of an order.</summary>
    public void Script(string orderId, params ImmutableArray<ProviderOutcome> outcomes) => Provider.Script($"card-{orderId}", outcomes);

    public CommandAnswer Send(object command)
    {
        CommandAnswer? answer = null;
        Do(async () => answer = await Commands.Send(command));
        return answer!;
    }

    public void Accept(object command) => Assert.IsType<CommandAnswer.Accepted>(Send(command));

    /// <summary>Asked for and not waited for: it gets in between what else is under way.</summary>
    public void Ask(object command) => _ = _scheduler.Start(async () => await Commands.Send(command));

    public void Start(Func<Task> work) => _ = _scheduler.Start(work);

    public void RunSome(int tasks)
    {
        for (; tasks > 0 && _scheduler.RunOne(); tasks--)
        {
        }
    }

    /// <summary>Goes on until a stream has an event of this type; false where nothing goes on any more before that.</summary>
    public bool RunUntil(string stream, string type)
    {
        while (!Events(stream).Contains(type))
        {
            if (!_scheduler.RunOne())
                return false;
        }

        return true;
    }

    public void RunAll() => _scheduler.RunAll();

    public void Pass(TimeSpan time)
    {
        var end = Clock.Elapsed + time;
        for (; Clock.UntilNextTimer is { } next && Clock.Elapsed + next <= end; _scheduler.RunAll())
            Clock.Advance(next);
        Clock.Advance(end - Clock.Elapsed);
        _scheduler.RunAll();
    }

    /// <summary>So much time passes at once, as for a process that slept; whoever waits for the clock looks at it again soon after.</summary>
    public void Jump(TimeSpan time)
    {
        Clock.ShiftWallClock(time);
        Pass(TimeSpan.FromMinutes(1));
    }

    /// <summary>The process is dead: nothing that was under way goes on, and what it knew is forgotten.</summary>
    public void Kill() => _scheduler = new SeededScheduler(++_seed);

    public void Begin(ILedger? ledger = null)
    {
        var modules = Modules;
        ledger ??= Ledger;
        _folds = new FoldEngine(ledger, new InMemoryFoldStore(), modules, new FoldEngineOptions { Clock = Clock, Chance = _chance, Parallelism = 1 });
        Commands = new Commands(modules, ledger, new CommandsOptions { Clock = Clock, Chance = _chance });
        Engine = new ProcessEngine(ledger, _rows, modules, Commands, new ProcessOptions { Clock = Clock, Chance = _chance });
        Do(async () =>
        {
            await _folds.Start();
            await Engine.Start();
        });
    }

    public Commands NewCommands() => new(Modules, Ledger, new CommandsOptions { Clock = Clock, Chance = _chance });

    public Order.State Order(string orderId) => Read($"order-{orderId}").Aggregate(Marketplace.Orders.Order.State.None, Marketplace.Orders.Order.Apply);

    public StockState Stock(string sku) => Read($"stock-V1:{sku}").Aggregate(StockState.Empty, Inventory.Apply);

    /// <summary>The types of the events of a stream.</summary>
    public List<string> Events(string stream) => [.. Read(stream).Select(static fact => fact.GetType().Name)];

    public List<object> Read(string stream)
    {
        var facts = new List<object>();
        foreach (var recorded in ReadAll(EventQuery.OfStream(stream)))
        {
            var decoded = _codec.Decode(recorded);
            facts.AddRange(Enumerable.Range(0, decoded.Count).Select(at => decoded[at]));
        }

        return facts;
    }

    /// <summary>Looks without letting anything else go on.</summary>
    public List<RecordedEvent> ReadAll(EventQuery query) =>
        [.. Ledger.Read(new ReadRequest { Query = query }).ToBlockingEnumerable().SelectMany(static page => page.Events)];

    /// <summary>How many events there are.</summary>
    public long ReadHead()
    {
        var head = 0L;
        Do(async () => head = (await Ledger.ReadRange()).Head);
        return head;
    }

    public ProcessInstance? Find(string process, string key)
    {
        ProcessInstance? found = null;
        Do(async () => found = await Engine.Find(new InstanceName(process, key)));
        return found;
    }

    /// <summary>Every instance that has not come to its end, and why it is stuck where it is.</summary>
    public List<string> Open(params ImmutableArray<string> processes)
    {
        var open = new List<string>();
        Do(async () =>
        {
            var head = (await Ledger.ReadRange()).Head;
            foreach (var process in processes.IsEmpty ? ["checkout", "return"] : processes)
            {
                foreach (var phase in new[] { ProcessPhase.Running, ProcessPhase.Compensating })
                    open.AddRange((await Engine.Search(new InstanceSearch { Process = process, By = InstanceSearchBy.Phase, Phase = phase, Limit = 1_000 }, head))
                        .Rows.Select(static row => $"{row.Process} {row.Key} {row.Phase} {row.Stuck}"));
            }
        });
        return open;
    }

    public void Do(Func<Task> work)
    {
        var task = _scheduler.Start(work);
        _scheduler.RunAll();
        Assert.True(task.IsCompletedSuccessfully, task.Exception?.ToString() ?? "it waits for something that does not come");
    }
}
