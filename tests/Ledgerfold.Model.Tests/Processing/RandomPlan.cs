using System.Collections.Immutable;
using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>A process that one seed decides: a tree of steps, what follows on each outcome, and where the pivot is.</summary>
internal sealed class RandomPlan
{
    public const string Last = "last";

    private readonly ImmutableArray<Part> _parts;
    private readonly bool _startsAgain;
    private readonly bool _hasLast;

    public RandomPlan(SeededRandom random)
    {
        var parts = ImmutableArray.CreateBuilder<Part>();
        for (var p = 0; p < random.Between(1, 7); p++)
        {
            parts.Add(new Part
            {
                Name = $"s{p}",
                Parent = p == 0 || random.OneIn(3) ? null : $"s{random.Below(p)}",
                Work = random.Pick<Func<string, object>>([static what => new Trip.Book(what), static what => new Trip.Charge(what), Trip.Unsure]),
                HasUndo = !random.OneIn(4),
                Within = random.OneIn(3) ? TimeSpan.FromMinutes(random.Between(1, 9)) : null,
                Failing = random.Pick([Failing.Untold, Failing.Untold, Failing.Ignored, Failing.Compensates, Failing.Replaced]),
                HasLate = random.OneIn(3),
                Pivots = random.OneIn(8),
            });
        }

        _parts = parts.ToImmutable();
        (_startsAgain, _hasLast) = (random.Coin(), random.OneIn(3));
    }

    private enum Failing
    {
        Untold,
        Ignored,
        Compensates,
        Replaced,
    }

    public bool HasUndo(string step) => _parts.Any(part => part.HasUndo && (step == part.Name || step == $"{part.Name} instead"));

    /// <summary>Whether a step that is overdue and turns out done is to be undone while the instance goes on.</summary>
    public bool UndoesLate(string step) => _parts.Any(part => part.Name == step && part is { HasLate: false, Failing: not Failing.Untold });

    public Process<Trip> Process(bool poison)
    {
        var process = Trip.Process(react =>
        {
            foreach (var part in _parts.Where(static part => part.Parent is null))
                Run(react, part, part.Name);
        }) with
        {
            StartsAgain = _startsAgain,
        };
        process = _parts.Aggregate(process, With)
            .Finished(_parts.SelectMany(static part => new[] { part.Name, $"{part.Name} instead" }), static (trip, react) =>
            {
                react.End();
                return trip;
            })
            .On<Trip.TripChanged>(static changed => changed.Id, (trip, changed, react) =>
            {
                react.Undo(changed.What);
                return poison ? throw new InvalidOperationException("poison") : trip;
            });
        return !_hasLast ? process : process.Compensated(static (trip, react) =>
        {
            react.Run(Last, Trip.Unsure(Last), undo: new Trip.Cancel(Last));
            return trip;
        });
    }

    private Process<Trip> With(Process<Trip> process, Part part)
    {
        var with = process.Done(part.Name, (trip, _, react) =>
        {
            if (part.Pivots)
                react.Pivot();
            foreach (var child in _parts.Where(child => child.Parent == part.Name))
                Run(react, child, child.Name);
            return trip.Saw($"{part.Name} done");
        });
        if (part.HasLate)
            with = with.Late(part.Name, (trip, _, _) => trip.Saw($"{part.Name} late"));
        if (part.Failing == Failing.Untold)
            return with;
        return with.Failed(part.Name, (trip, _, react) =>
        {
            // nobody turns back behind the pivot, which any step beside this one may be
            if (part.Failing == Failing.Compensates && trip.Log.All(one => !_parts.Any(other => other.Pivots && one == $"{other.Name} done")))
                react.Compensate("chosen");
            else if (part.Failing == Failing.Replaced)
                Run(react, part with { Within = null }, $"{part.Name} instead");
            return trip.Saw($"{part.Name} failed");
        });
    }

    private static void Run(Reactions react, Part part, string name) =>
        react.Run(name, part.Work(name), part.HasUndo ? new Trip.Cancel(name) : null, within: part.Within);

    private sealed record Part
    {
        public required string Name { get; init; }

        public required string? Parent { get; init; }

        public required Func<string, object> Work { get; init; }

        public required bool HasUndo { get; init; }

        public required TimeSpan? Within { get; init; }

        public required Failing Failing { get; init; }

        public required bool HasLate { get; init; }

        public required bool Pivots { get; init; }
    }
}
