using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Acting;

/// <summary>
/// Something on the outside that steps of processes ask for: at least once, under a key that stays the same however often it is tried, so
/// that whoever is asked can tell a repetition. It never runs when events are folded again.
/// </summary>
public abstract record Activity
{
    private protected Activity(string name, Type request)
    {
        if (!Limits.IsFold(name) || name.StartsWith('$') || name.Length > NameLengthMax)
            throw new ArgumentException($"'{name}' names no activity: a letter, then letters, digits, '_', '.' and '-'.", nameof(name));
        (Name, Request) = (name, request);
    }

    /// <summary>The longest name of an activity.</summary>
    public const int NameLengthMax = 64;

    /// <summary>What it is called for ever.</summary>
    public string Name { get; }

    /// <summary>The type of what is asked for.</summary>
    public Type Request { get; }

    /// <summary>How long one attempt may take; afterwards nobody knows what became of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is tried, and how long the pauses are.</summary>
    public Backoff Retries { get; init; } = new();

    /// <summary>How many of it go on side by side: its own lane, so that a slow one holds up nobody else.</summary>
    public int Parallelism { get; init; } = 32;

    /// <summary>Whether it can be asked what became of an attempt.</summary>
    public abstract bool CanAsk { get; }

    internal abstract Task<ActivityOutcome> DoIt(JsonElement request, ActivityContext context, CancellationToken cancel);

    internal abstract Task<ActivityOutcome> AskIt(JsonElement request, ActivityContext context, CancellationToken cancel);
}

/// <summary>An activity, by what it is asked for.</summary>
/// <typeparam name="TRequest">What is asked for; kept as JSON.</typeparam>
public sealed record Activity<TRequest> : Activity
{
    /// <summary>An activity of this name.</summary>
    public Activity(string name)
        : base(name, typeof(TRequest))
    {
    }

    /// <summary>
    /// Does it. Whatever it throws means that nobody knows what became of it, and it is tried again under the same key; what is known to be
    /// impossible is answered with <see cref="ActivityOutcome.Refused"/>.
    /// </summary>
    public required Func<TRequest, ActivityContext, CancellationToken, Task<ActivityOutcome>> Do { get; init; }

    /// <summary>
    /// Asks what became of what was done under the key, and does nothing itself. <see cref="ActivityOutcome.NotDone"/> promises that it is
    /// not done and will not be by any attempt so far. Asked before every further attempt, and after the step's time is up until it is
    /// known.
    /// </summary>
    public Func<TRequest, ActivityContext, CancellationToken, Task<ActivityOutcome>>? Ask { get; init; }

    /// <inheritdoc />
    public override bool CanAsk => Ask is not null;

    internal override Task<ActivityOutcome> DoIt(JsonElement request, ActivityContext context, CancellationToken cancel) =>
        Do(Read(request), context, cancel);

    internal override Task<ActivityOutcome> AskIt(JsonElement request, ActivityContext context, CancellationToken cancel) =>
        Ask!(Read(request), context, cancel);

    private static TRequest Read(JsonElement request) => request.Deserialize<TRequest>(EventJson.CommandOptions)!;
}
