using Ledgerfold.Testing;

namespace Ledgerfold.Tests.Samples.Checkout;

/// <summary>All of it in memory, on a clock that stands still and a scheduler that runs on the test's thread: nothing waits.</summary>
internal sealed class CheckoutRun
{
    // begin
    private readonly SeededScheduler _scheduler = new(seed: 1);

    private readonly SeededChance _chance = new(seed: 1);
    private readonly InMemoryFoldStore _rows = new();

    public CheckoutRun(params Module[] modules)
    {
        Ledger = new InMemoryLedger(Clock);
        Start(modules);
    }

    public ManualClock Clock { get; } = new();

    public InMemoryLedger Ledger { get; }

    public Commands Commands { get; private set; } = null!;

    public ProcessEngine Engine { get; private set; } = null!;

    private void Start(Module[] modules)
    {
        Commands = new Commands(modules, Ledger, new CommandsOptions { Clock = Clock, Chance = _chance });
        Engine = new ProcessEngine(Ledger, _rows, modules, Commands, new ProcessOptions { Clock = Clock, Chance = _chance });
        Do(async () => await Engine.Start());
    }

    public void Do(Func<Task> work)
    {
        var task = _scheduler.Start(work);
        _scheduler.RunAll(); // until nothing is left to be done at this time
        Assert.True(task.IsCompletedSuccessfully, task.Exception?.ToString());
    }

    public void Pass(TimeSpan time)
    {
        var end = Clock.Elapsed + time;
        for (; Clock.UntilNextTimer is { } next && Clock.Elapsed + next <= end; _scheduler.RunAll())
            Clock.Advance(next);
        Clock.Advance(end - Clock.Elapsed);
        _scheduler.RunAll();
    }
    // end

    /// <summary>The same ledger and rows, and other code.</summary>
    public void Restart(params Module[] modules)
    {
        Do(async () => await Engine.DisposeAsync());
        Start(modules);
    }

    public CommandAnswer Send(object command)
    {
        CommandAnswer? answer = null;
        Do(async () => answer = await Commands.Send(command));
        return answer!;
    }

    public ProcessInstance? Find(string process, string key)
    {
        ProcessInstance? found = null;
        Do(async () => found = await Engine.Find(new InstanceName(process, key)));
        return found;
    }

    /// <summary>The types of the events of a stream.</summary>
    public List<string> Read(string stream)
    {
        var types = new List<string>();
        Do(async () =>
        {
            await foreach (var page in Ledger.Read(new ReadRequest { Query = EventQuery.OfStream(stream) }))
                types.AddRange(page.Events.Select(static recorded => recorded.Type));
        });
        return types;
    }
}
