using System.Collections.Immutable;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>A journey whose parts are booked and cancelled: what an instance was told stands in its log.</summary>
internal sealed record Trip(ImmutableList<string> Log)
{
    public abstract record Event;

    public sealed record TripPlanned(string Id) : Event;

    public sealed record TripChanged(string Id, string What) : Event;

    public sealed record RateMoved(string Currency) : Event;

    public sealed record TripsMerged(ImmutableArray<string> Ids) : Event;

    public sealed record Book(string What);

    public sealed record Cancel(string What);

    public sealed record Charge(string What);

    public sealed record Refund(string What);

    public sealed record Mail(string What);

    public static readonly Trip Planned = new([]);

    /// <summary>Commands, an activity that can be asked (charge, refund), and one that cannot (mail).</summary>
    public static Module Module { get; } = new Module("trips")
        .Events(EventTypes.Of<Event>())
        .Handles<Book>(static (_, _) => Task.CompletedTask)
        .Handles<Cancel>(static (_, _) => Task.CompletedTask)
        .Performs(new Activity<Charge>("charge") { Do = Never<Charge>(), Ask = Never<Charge>() })
        .Performs(new Activity<Refund>("refund") { Do = Never<Refund>(), Ask = Never<Refund>() })
        .Performs(new Activity<Mail>("mail") { Do = Never<Mail>() });

    public Trip Saw(string what) => new(Log.Add(what));

    /// <summary>A process that begins with a plan, and logs what becomes of these steps.</summary>
    public static Process<Trip> Process(Action<Reactions> begin, params string[] steps)
    {
        var process = new Process<Trip>("trip").Starts<TripPlanned>(static planned => planned.Id, (_, react) =>
        {
            begin(react);
            return Planned;
        });
        return steps.Aggregate(process, static (known, step) => known.Done(step, static (trip, done, _) => trip.Saw($"{Name(done.Step, done.Of)} done")));
    }

    public static string Name(string step, string? of) => of is null ? step : $"{step} {of}";

    /// <summary>The request of a step on the outside whose outcome may never be known.</summary>
    public static Mail Unsure(string what) => new(what);

    private static Func<TRequest, ActivityContext, CancellationToken, Task<ActivityOutcome>> Never<TRequest>() =>
        static (_, _, _) => throw new InvalidOperationException("Nothing is done where inputs are only taken up.");
}
