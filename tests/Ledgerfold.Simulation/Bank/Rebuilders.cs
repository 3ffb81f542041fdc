using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Rebuilding;
using Ledgerfold.Simulation.Folds;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// Operators who build rows again, switch to them, go back and let go of what nobody sees, while commands go on and processes are killed.
/// What they save of their work outlives a process, and its next life goes on from there. Where nothing fails in code, rows built again are
/// the rows there are; and what readers were switched to is what they see after every restart.
/// </summary>
internal sealed class Rebuilders(BankWorld world)
{
    private readonly List<Work> _works = [];
    private readonly Dictionary<string, HashSet<FoldName>> _mayBeSeen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FoldName> _formers = new(StringComparer.Ordinal); // what must be there to go back to

    public bool IsAnyoneWaiting => _works.Exists(static work => work.Task is not null);

    public void One(BankProcess process)
    {
        if (_works.Count > 0)
            return; // of one subject one operation is open
        var projection = world.Random.Pick(process.Engine.Projections);
        var kind = process.Engine.FormerOf(projection.Fold.Name) is null
            ? world.Random.Pick<string>(["rebuild", "rebuild", "switch", "discard"])
            : world.Random.Pick<string>(["roll-back", "roll-back", "discard"]);
        Begin(process, new Work(kind, projection.Fold));
    }

    /// <summary>A new process goes on with what its predecessor left; sometimes nobody does.</summary>
    public void Open(BankProcess process)
    {
        CheckWhatIsSeen(process);
        if (_works.Count > 0 && world.Random.OneIn(4))
            _works.Clear();
        foreach (var work in _works)
            Begin(process, work);
    }

    /// <summary>Their process is gone.</summary>
    public void Abandon() => _works.ForEach(static work => work.Task = null);

    /// <summary>Looks at what has come to an end.</summary>
    public void Settle()
    {
        foreach (var work in _works.Where(static work => work.Task is { IsCompleted: true }).ToArray())
        {
            _works.Remove(work);
            world.Say($"  {work} is done: {work.Said}");
            if (work.Unexpected is { } failure)
                throw new OracleException("no unexpected exception", $"{work} met {failure}");
            if (work.Violation is { } violation)
                throw new OracleException("rebuild", $"{work}: {violation}");
        }
    }

    /// <summary>At the end it comes to its end, and the rows are the same.</summary>
    public void BeginLast(BankProcess process)
    {
        _works.Clear();
        var projection = world.Random.Pick(process.Engine.Projections);
        Begin(process, new Work("discard", projection.Fold) { Next = new Work("rebuild", projection.Fold) { Next = new Work("switch", projection.Fold) } });
    }

    /// <summary>Somebody is about to switch readers to what is kept under this name.</summary>
    public void Switching(BankProcess process, FoldName to)
    {
        var name = Shadow.NameOf(to);
        _formers.Remove(name);
        if (!_mayBeSeen.TryGetValue(name, out var may))
            _mayBeSeen.Add(name, may = [process.Engine.ActiveOf(name)!.Projection.Fold]);
        may.Add(to);
    }

    /// <summary>They were: it is on disk.</summary>
    public void Switched(FoldName to) => _mayBeSeen[Shadow.NameOf(to)] = [to];

    private void CheckWhatIsSeen(BankProcess process)
    {
        foreach (var (name, may) in _mayBeSeen)
        {
            if (process.Engine.ActiveOf(name) is not { } seen || may.Any(fold => process.Engine.SourceOf(name, fold.Version) is null))
                continue; // its code is gone
            if (!may.Contains(seen.Projection.Fold))
                throw new OracleException("rebuild", $"readers see {seen.Projection.Fold}, and were switched to {string.Join(" or ", may)}");
        }

        var standing = FoldContent.Now(process.Store.List());
        foreach (var (name, former) in _formers)
        {
            var isCodeKnown = _mayBeSeen[name].Append(former).All(fold => process.Engine.SourceOf(name, fold.Version) is not null);
            if (isCodeKnown && standing.Contains(former) && process.Engine.FormerOf(name) is null)
                throw new OracleException("rebuild", $"there is nothing to go back to of {name}, and {former} is there");
        }
    }

    private void Begin(BankProcess process, Work work)
    {
        world.Say($"{work} begins");
        var context = new OperationContext(StateOf(work), ++work.Lives, (progress, checkpoint, _) => Save(work, progress, checkpoint), CancellationToken.None);
        work.Task = world.Scheduler.Start(async () =>
        {
            try
            {
                await Run(process, work, context);
            }
            catch (Exception failure) when (failure is IOException or SimulatedCrashException or ObjectDisposedException or OperationCanceledException
                || failure is InvalidOperationException && !failure.Message.Contains("Sequence", StringComparison.Ordinal))
            {
                work.Said = failure.Message;
            }
            catch (Exception failure)
            {
                work.Unexpected = failure;
            }

            if (process.IsAlive && work.Next is { } next && work.Unexpected is null && work.Violation is null)
            {
                _works.Remove(work);
                _works.Add(next);
                Begin(process, next);
            }
        });
        if (!_works.Contains(work))
            _works.Add(work);
    }

    private async Task Run(BankProcess process, Work work, OperationContext context)
    {
        var engine = process.Engine;
        var (name, version) = (work.Fold.Name, work.Fold.Version);
        switch (work.Kind)
        {
            case "rebuild":
                var seen = engine.ActiveOf(name)!.Projection.Fold;
                var result = await new Rebuild(engine, new RebuildRequest(name, version), context).Run();
                work.Said = $"{result.Comparison}";
                world.Marks.Hit("bank: rows were built again and compared");
                world.Marks.Hit("bank: a rebuild went on in another process", work.Lives > 1);
                if (!world.Plan.Poisons && seen.Version == version && engine.ActiveOf(name)!.Projection.Fold == seen && !result.Comparison.IsSame)
                    work.Violation = $"{result.Comparison}: {string.Join("; ", result.Comparison.Samples)}";
                break;
            case "switch":
                var to = engine.KeptOf(name).FirstOrDefault(fold => fold != engine.ActiveOf(name) && fold.Projection.Fold.Version == version);
                if (to is not null)
                    Switching(process, to.Projection.Fold);
                Note(work, await new Switching(engine, context).To(new SwitchRequest(name, version)), "bank: readers were switched to rows built again");
                break;
            case "roll-back":
                if (engine.FormerOf(name) is { } former)
                    Switching(process, former.Projection.Fold);
                if (work.Checkpoint is null)
                    work.To = engine.FormerOf(name)?.Projection.Fold;
                Note(work, await new Switching(engine, context).Back(name), "bank: readers were switched back");
                break;
            default:
                _formers.Remove(name);
                work.Said = $"{string.Join(", ", (await Model.Rebuilding.Switching.Discard(engine, name, CancellationToken.None)).Dropped)}";
                break;
        }
    }

    private void Note(Work work, SwitchResult result, string mark)
    {
        work.Said = $"{result}";
        if (work.To is { } wanted && wanted != result.To)
            work.Violation = $"readers see {result.To}, and {wanted} was wanted";
        Switched(result.To);
        if (result.From != result.To)
            _formers[Shadow.NameOf(result.To)] = result.From;
        world.Marks.Hit(mark);
    }

    private static OperationState StateOf(Work work) => new()
    {
        Id = Guid.Empty,
        Tenant = Tenants.Default,
        Kind = work.Kind,
        BegunAt = DateTimeOffset.UnixEpoch,
        Position = 1,
        Version = 1,
        Checkpoint = work.Checkpoint,
    };

    private static ValueTask Save(Work work, OperationProgress progress, object? checkpoint)
    {
        work.Said = progress.Message ?? "";
        if (checkpoint is not null)
            work.Checkpoint = JsonSerializer.SerializeToElement(checkpoint, EventJson.Options);
        return default;
    }

    /// <summary>What an operator wants, and how far it is.</summary>
    private sealed class Work(string kind, FoldName fold)
    {
        public string Kind => kind;

        public FoldName Fold => fold;

        public JsonElement? Checkpoint { get; set; }

        public int Lives { get; set; }

        public Task? Task { get; set; }

        public string Said { get; set; } = "";

        /// <summary>Where a switch back is to go.</summary>
        public FoldName? To { get; set; }

        public Exception? Unexpected { get; set; }

        public string? Violation { get; set; }

        /// <summary>What follows on it.</summary>
        public Work? Next { get; init; }

        public override string ToString() => $"{kind} of {fold}";
    }
}
