using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Timelines;

/// <summary>What makes the state of subjects out of their events: a decider of streams, or a projection of keys. Pure.</summary>
internal abstract class SubjectFold
{
    /// <summary>The user's decider or projection, which tells this code from any other.</summary>
    public abstract object Code { get; }

    /// <summary>What it is called: a category, or the name and version of a projection.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a subject is one stream, whose events are numbered without a gap.</summary>
    public abstract bool IsOfStreams { get; }

    /// <summary>The state before the first event.</summary>
    public abstract object? Initial { get; }

    public abstract bool IsSubject(string subject);

    /// <summary>Which events to read for a subject; some of them may not be its own.</summary>
    public abstract EventQuery QueryOf(string subject);

    /// <summary>What an event says to a subject.</summary>
    public abstract SubjectFacts Read(RecordedEvent recorded, string subject, EventCodec codec);

    public abstract object? Apply(object? state, object fact, RecordedEvent recorded);

    public abstract JsonElement ToJson(object state);
}

/// <summary>What an event says to a subject: facts, nothing at all, or why that cannot be known.</summary>
/// <param name="AreItsOwn">Whether the event is one of the subject's, be it that nothing is left of what it said.</param>
/// <param name="Facts">What it says, all of which is applied or nothing.</param>
/// <param name="Problem">Why that cannot be known.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SubjectFacts(bool AreItsOwn, ImmutableArray<object> Facts, string? Problem)
{
    public static SubjectFacts None => new(AreItsOwn: false, [], Problem: null);

    public static SubjectFacts Of(ImmutableArray<object> facts) => new(AreItsOwn: true, facts, Problem: null);

    public static SubjectFacts Unknown(string problem) => new(AreItsOwn: true, [], problem);
}

/// <summary>A decider over the events of one stream.</summary>
internal sealed class DeciderFold<TState>(Decider<TState> decider) : SubjectFold
{
    public override object Code => decider;

    public override string Name => decider.Category;

    public override bool IsOfStreams => true;

    public override object? Initial => decider.Initial;

    public override bool IsSubject(string subject) => Limits.IsStream(subject) && StreamNames.IsOfCategory(subject, decider.Category);

    public override EventQuery QueryOf(string subject) => EventQuery.OfStream(subject);

    public override SubjectFacts Read(RecordedEvent recorded, string subject, EventCodec codec)
    {
        var decoded = codec.Decode(recorded);
        if (decoded.Problem is { } problem)
            return SubjectFacts.Unknown(problem.ToString());
        var facts = new object[decoded.Count];
        for (var f = 0; f < facts.Length; f++)
            facts[f] = decoded[f];
        return SubjectFacts.Of(ImmutableCollectionsMarshal.AsImmutableArray(facts));
    }

    public override object? Apply(object? state, object fact, RecordedEvent recorded) => decider.Apply((TState)state!, fact);

    public override JsonElement ToJson(object state) => JsonSerializer.SerializeToElement(state, typeof(TState), decider.Json);
}

/// <summary>A projection over the events of one of its keys.</summary>
internal sealed class ProjectionFold(Projection projection) : SubjectFold
{
    public override object Code => projection;

    public override string Name => projection.Fold.ToString();

    public override bool IsOfStreams => false;

    public override object? Initial => null;

    public override bool IsSubject(string subject) => RowKeys.IsKey(subject);

    public override EventQuery QueryOf(string subject) => projection.QueryOf(subject);

    public override SubjectFacts Read(RecordedEvent recorded, string subject, EventCodec codec)
    {
        if (!projection.Query.Matches(recorded)) // what belongs to a key may be asked for more widely than the projection is made of
            return SubjectFacts.None;
        var keyed = KeyedEvent.Read(projection, codec, recorded);
        if (keyed.Problem is { } problem)
            return SubjectFacts.Unknown(problem);
        for (var k = 0; k < keyed.Count; k++)
        {
            if (keyed[k] is var facts && facts.Key == subject)
                return SubjectFacts.Of([facts.First, .. facts.More]);
        }

        return SubjectFacts.None;
    }

    public override object? Apply(object? state, object fact, RecordedEvent recorded) => projection.ApplyFact(state, fact, recorded);

    public override JsonElement ToJson(object state) => JsonSerializer.SerializeToElement(state, projection.StateType, projection.Json);
}
