using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// A process that answers one kind of event and remembers nothing from one to the next: whenever this happens, that is to be done. Each
/// event begins an instance under its own id, which ends once what was to be done is done. Where it is turned down, and nobody says what
/// follows on that, the instance waits for somebody to act, so that nothing is lost.
/// </summary>
/// <typeparam name="TEvent">What it answers.</typeparam>
public sealed record Policy<TEvent> : Process
    where TEvent : class
{
    private const string Work = "work";
    private const string Answer = "answer";

    /// <summary>Whenever this happens, that is to be done.</summary>
    /// <param name="name">What it is called for ever.</param>
    /// <param name="work">
    /// What is to be done: a command, or the request of an activity; null where the event says nothing to this policy. Pure: it may be
    /// asked more than once.
    /// </param>
    /// <param name="then">What is to be done once that is done; nothing where there is none.</param>
    /// <param name="refused">What is to be done where it is turned down; without it, somebody has to act.</param>
    public Policy(
        string name,
        Func<TEvent, RecordedEvent, object?> work,
        Func<TEvent, StepDone, object?>? then = null,
        Func<TEvent, StepFailure, object?>? refused = null)
        : base(name, version: 1)
    {
        ArgumentNullException.ThrowIfNull(work);
        Starting = Starting.Add(typeof(TEvent), new EventReaction(
            (fact, recorded) => work((TEvent)fact, recorded) is null ? [] : [recorded.Id.ToString()],
            Association: null,
            (_, fact, react) =>
            {
                react.Pivot(); // there is nothing to be taken back: who is turned down waits
                react.Run(Work, work((TEvent)fact, react.Recorded!)!);
                return fact;
            },
            Unmatched.Record));
        OnDone = OnDone
            .Add(Work, (fact, done, react) => GoOn(fact, then?.Invoke((TEvent)fact, done), react))
            .Add(Answer, static (fact, _, react) => GoOn(fact, null, react));
        if (refused is not null)
            OnFailed = OnFailed.Add(Work, (fact, failure, react) => GoOn(fact, refused((TEvent)fact, failure), react));
    }

    internal override object ReadState(JsonElement state) =>
        state.Deserialize<TEvent>(EventJson.Options) ?? throw new JsonException($"An event of {Name} is null.");

    internal override JsonElement WriteState(object state) => JsonSerializer.SerializeToElement((TEvent)state, EventJson.Options);

    private static object GoOn(object fact, object? next, Reactions react)
    {
        if (next is null)
            react.End();
        else
            react.Run(Answer, next);
        return fact;
    }
}
