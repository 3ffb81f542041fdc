using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Timelines;

/// <summary>
/// The life of one subject, an aggregate or a key of a projection: its state at any moment, what made it so, and how two moments differ.
/// Everything is computed from the ledger when it is asked; states that were computed on the way are kept, so that the next question reads
/// little (<see cref="TimelineOptions"/>). Any thread.
/// </summary>
/// <typeparam name="TState">The state, or its JSON.</typeparam>
public sealed class Timeline<TState>
{
    private readonly Subject _subject;
    private readonly Func<object?, TState?> _show;

    internal Timeline(Subject subject, Func<object?, TState?> show) => (_subject, _show) = (subject, show);

    /// <summary>Whose events.</summary>
    public string Tenant => _subject.Tenant;

    /// <summary>The stream, or the key.</summary>
    public string Subject => _subject.Key;

    /// <summary>What makes the state: the category of a decider, or the name and version of a projection.</summary>
    public string Fold => _subject.Fold.Name;

    /// <summary>The same with states as JSON: for those who do not know their type; null where there is no state.</summary>
    public Timeline<JsonElement?> AsJson() => new(_subject, state => ToJson(state));

    /// <summary>
    /// The same, telling page by page how far a question has come: a projection that cannot say which events a key has reads all of its
    /// events.
    /// </summary>
    public Timeline<TState> Reporting(IProgress<TimelineProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return new Timeline<TState>(_subject with { Progress = progress }, _show);
    }

    /// <summary>The state at a moment; null where there is none.</summary>
    /// <exception cref="ArgumentException">A version is asked for of what is no stream.</exception>
    public async ValueTask<TimelineAnswer<TState?>> At(Moment moment, CancellationToken cancel = default)
    {
        var bound = await BoundOf(moment, cancel);
        await using var walk = SubjectWalk.Begin(_subject, bound, bound, cancel);
        return (await walk.Finish()).Then(_show);
    }

    /// <summary>The fields in which the state differs at two moments, in either order and of any kinds.</summary>
    public ValueTask<TimelineAnswer<ImmutableArray<FieldChange>>> Compare(Moment one, Moment other, CancellationToken cancel = default) =>
        Compare(one, this, other, cancel);

    /// <summary>The fields in which the state differs from that of another subject.</summary>
    /// <param name="moment">Of which moment this state is.</param>
    /// <param name="other">The other subject, be it of other code.</param>
    /// <param name="otherMoment">Of which moment that one is.</param>
    /// <param name="cancel">Ends the question.</param>
    public async ValueTask<TimelineAnswer<ImmutableArray<FieldChange>>> Compare<TOther>(
        Moment moment, Timeline<TOther> other, Moment otherMoment, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(other);
        var before = await AsJson().At(moment, cancel);
        if (before is TimelineAnswer<JsonElement?>.Failed)
            return before.Then(static _ => ImmutableArray<FieldChange>.Empty);
        var after = await other.AsJson().At(otherMoment, cancel);
        return after.Then(state => FieldChange.Between(before.OrThrow(), state));
    }

    /// <summary>
    /// What each event made of the state, from one moment to a later one; ends with the failure where an event could not be folded. Of the
    /// two a moment with an effective time gives the order in which events became true: both are of one order then, and know the same.
    /// </summary>
    /// <exception cref="ArgumentException">The moments are of two orders.</exception>
    public async IAsyncEnumerable<TimelineAnswer<Step<TState>>> Steps(
        Moment from, Moment to, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var (first, last) = (await BoundOf(from, cancel), await BoundOf(to, cancel));
        CheckSameOrder(from, first, to, last);
        await using var walk = SubjectWalk.Begin(_subject, first, last, cancel);
        await foreach (var step in StepsOf(walk, first))
        {
            var shown = new Step<TState>(step.Event, _show(walk.Before), _show(walk.State), step.Changes);
            yield return new TimelineAnswer<Step<TState>>.Computed(shown, step.Event.Position, walk.Events);
        }

        if (walk.Failure is { } failure)
            yield return new TimelineAnswer<Step<TState>>.Failed(failure.Position, failure.Error);
    }

    /// <summary>
    /// For each field of the state at a moment, the event that set it last. It reads every event up to the moment, because the value of a
    /// field may be as old as the subject.
    /// </summary>
    public async ValueTask<TimelineAnswer<ImmutableArray<FieldBlame>>> Blame(Moment moment, CancellationToken cancel = default)
    {
        var bound = await BoundOf(moment, cancel);
        await using var walk = SubjectWalk.Begin(_subject, Bound.Beginning, bound, cancel);
        var setters = new FieldSetters();
        await foreach (var step in StepsOf(walk, Bound.Beginning))
            setters.Take(step.Changes, step.Event);
        return walk.Answer(walk.State).Then(state => setters.Of(ToJson(state)));
    }

    /// <summary>
    /// Every change of one field, or of anything within it, up to a moment; ends with the failure where an event could not be folded.
    /// </summary>
    /// <param name="pointer">The field, as a JSON pointer (RFC 6901); empty for the state as a whole.</param>
    /// <param name="until">The moment; now if none is given.</param>
    /// <param name="cancel">Ends the question.</param>
    public async IAsyncEnumerable<TimelineAnswer<FieldStep>> Changes(
        string pointer, Moment? until = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        JsonPointer.Check(pointer);
        var bound = await BoundOf(until ?? Moment.Now, cancel);
        await using var walk = SubjectWalk.Begin(_subject, Bound.Beginning, bound, cancel);
        await foreach (var step in ChangesOf(walk, pointer))
            yield return new TimelineAnswer<FieldStep>.Computed(step, walk.Event!.Position, walk.Events);
        if (walk.Failure is { } failure)
            yield return new TimelineAnswer<FieldStep>.Failed(failure.Position, failure.Error);
    }

    /// <summary>The first change of a field, or of anything within it; null where it is as it was before the first event.</summary>
    /// <param name="pointer">The field, as a JSON pointer (RFC 6901); empty for the state as a whole.</param>
    /// <param name="until">The moment; now if none is given.</param>
    /// <param name="cancel">Ends the question.</param>
    public async ValueTask<TimelineAnswer<FieldStep?>> FirstChange(
        string pointer, Moment? until = null, CancellationToken cancel = default)
    {
        JsonPointer.Check(pointer);
        var bound = await BoundOf(until ?? Moment.Now, cancel);
        await using var walk = SubjectWalk.Begin(_subject, Bound.Beginning, bound, cancel);
        await foreach (var step in ChangesOf(walk, pointer))
            return walk.Answer<FieldStep?>(step);
        return walk.Answer<FieldStep?>(null);
    }

    private async ValueTask<Bound> BoundOf(Moment moment, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(moment);
        return moment is Moment.Count && !_subject.Fold.IsOfStreams
            ? throw new ArgumentException($"{Fold} is no decider: its keys have no versions.", nameof(moment))
            : await Bound.Of(moment, _subject.Ledger, cancel);
    }

    private static void CheckSameOrder(Moment from, Bound first, Moment to, Bound last)
    {
        if (first != Bound.Beginning
            && (first.Effective is null != last.Effective is null || (last.Effective is not null && first.Position != last.Position)))
            throw new ArgumentException($"There is no way from {from} to {to}: they are of two orders.", nameof(to));
    }

    private async IAsyncEnumerable<FieldStep> ChangesOf(SubjectWalk walk, string pointer)
    {
        await foreach (var step in StepsOf(walk, Bound.Beginning))
        {
            if (!step.Changes.IsEmpty && JsonPointer.ChangeAt(pointer, step.Before, step.After) is { } change)
                yield return new FieldStep(EventMark.Of(step.Event), change);
        }
    }

    /// <summary>The steps of a walk behind a moment, as JSON; what cannot be said as JSON ends the walk as a failure.</summary>
    private async IAsyncEnumerable<Step<JsonElement?>> StepsOf(SubjectWalk walk, Bound first)
    {
        Step<JsonElement?>? step = null;
        while (await walk.Next())
        {
            if (first.Includes(walk.Event!, walk.Events))
                continue;
            try
            {
                var before = step is null ? ToJson(walk.Before) : step.After;
                var after = ReferenceEquals(walk.Before, walk.State) ? before : ToJson(walk.State);
                step = new Step<JsonElement?>(walk.Event!, before, after, FieldChange.Between(before, after));
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                walk.Fail(walk.Event!, FoldError.Say(failure));
                yield break;
            }

            yield return step;
        }
    }

    private JsonElement? ToJson(object? state) => state is null ? null : _subject.Fold.ToJson(state);
}
