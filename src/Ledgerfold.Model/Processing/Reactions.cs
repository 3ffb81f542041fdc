using System.Text.Json;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// What an instance wants done because of what reached it: steps, timers, taking back, its end. It only says so; all of it is recorded
/// together with the state, and done afterwards. So code that reacts is pure: it asks nobody, and goes by <see cref="Now"/> for the time.
/// </summary>
public sealed class Reactions
{
    private readonly InstanceDraft _draft;

    internal Reactions(InstanceDraft draft, string tenant, RecordedEvent? recorded)
    {
        _draft = draft;
        Tenant = tenant;
        Recorded = recorded;
    }

    /// <summary>When the input was recorded: the time to go by.</summary>
    public DateTimeOffset Now => _draft.At;

    /// <summary>Whose instance it is.</summary>
    public string Tenant { get; }

    /// <summary>The key of the instance.</summary>
    public string Key => _draft.Now.Key;

    /// <summary>Why it compensates.</summary>
    public string? Reason => _draft.Now.Reason;

    /// <summary>The event that reached it, with everything else there is to know of it; null where it was something else.</summary>
    public RecordedEvent? Recorded { get; }

    /// <summary>Begins a step.</summary>
    /// <param name="step">What it is called; outcomes are told by this name.</param>
    /// <param name="work">What is to be done: a command, or the request of an activity.</param>
    /// <param name="undo">What takes it back, again a command or the request of an activity; null where nothing has to be.</param>
    /// <param name="of">Which of several steps of that name, that go on side by side.</param>
    /// <param name="within">How long it may take; afterwards it is overdue, and told as failed.</param>
    public void Run(string step, object work, object? undo = null, string? of = null, TimeSpan? within = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(step);
        ArgumentNullException.ThrowIfNull(work);
        if (within is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(within));
        _draft.BeginStep(step, of, work, undo, within);
    }

    /// <summary>Whether a step is under way: asked for, and its outcome still to come.</summary>
    public bool IsOpen(string step, string? of = null) => _draft.IsOpen(step, of);

    /// <summary>
    /// Takes one step back, before its turn, that is done or of which nobody will ever know; nothing where there is none to be taken back.
    /// </summary>
    public void Undo(string step, string? of = null)
    {
        if (_draft.FindDone(step, of) is { } done)
            _draft.TakeBack(done);
    }

    /// <summary>From here on there is only forward: nothing done so far will be taken back.</summary>
    public void Pivot() => _draft.Pivot();

    /// <summary>Takes back what was done, the newest step first; until then the instance reacts to nothing else.</summary>
    public void Compensate(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _draft.Compensate(reason);
    }

    /// <summary>The instance has come to its end.</summary>
    public void End()
    {
        if (_draft.Now.Phase == ProcessPhase.Running)
            _draft.End(ProcessPhase.Completed);
    }

    /// <summary>Sets a timer, or moves the one of that name.</summary>
    public void After(string timer, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        At(timer, Now + delay);
    }

    /// <summary>Sets a timer, or moves the one of that name; a time that has passed fires at once.</summary>
    public void At(string timer, DateTimeOffset due)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(timer);
        _draft.SetTimer(timer, due);
    }

    /// <summary>
    /// Sets a timer by the calendar of a place, or moves the one of that name. When that is follows from the rules that are known now; the
    /// timer keeps what was meant beside it.
    /// </summary>
    public void At(string timer, CalendarTime due)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(timer);
        ArgumentNullException.ThrowIfNull(due);
        _draft.SetTimer(timer, due.ToInstant(), due);
    }

    /// <summary>Takes a timer away; nothing where there is none of that name.</summary>
    public void Cancel(string timer)
    {
        if (_draft.FindTimer(timer) is { } known)
            _draft.EndTimer(known);
    }

    /// <summary>When a timer fires; null where there is none of that name.</summary>
    public DateTimeOffset? DueOf(string timer) => _draft.FindTimer(timer)?.Due;

    /// <summary>From here on the instance is found by this as well, until it ends.</summary>
    public void Associate(string name, string value)
    {
        var association = Association(name, value);
        if (_draft.Now.Associations.Contains(association, StringComparer.Ordinal))
            return;
        if (!Limits.IsTag(ProcessRecords.TagOf(_draft.Now.Process, association)))
        {
            throw new ArgumentException(
                $"'{association}' associates nothing: letters, digits, '_', '.' and '-', and any value.", nameof(name));
        }


        _draft.Now = _draft.Now with { Associations = _draft.Now.Associations.Add(association) };
        _draft.Say(new(ProcessOutputKind.Associated, Detail: association));
    }

    /// <summary>The instance is no longer found by this.</summary>
    public void Dissociate(string name, string value) =>
        _draft.Now = _draft.Now with { Associations = _draft.Now.Associations.Remove(Association(name, value), StringComparer.Ordinal) };

    private static string Association(string name, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return $"{name}:{value}";
    }
}

/// <summary>A step that is done.</summary>
public sealed class StepDone
{
    private readonly StepOutcome _outcome;

    internal StepDone(ProcessStep step, StepOutcome outcome)
    {
        (Step, Of) = (step.Name, step.Of);
        _outcome = outcome;
    }

    /// <summary>What it is called.</summary>
    public string Step { get; }

    /// <summary>Which of several of that name.</summary>
    public string? Of { get; }

    /// <summary>The position at which everything a command did can be read; null for an activity.</summary>
    public long? Token => _outcome.Token;

    /// <summary>What an activity answered.</summary>
    /// <exception cref="InvalidOperationException">It answered nothing, or something else.</exception>
    public TResult Result<TResult>()
    {
        try
        {
            return _outcome.Result is { } result && result.Deserialize<TResult>(Events.EventJson.Options) is { } read
                ? read
                : throw new InvalidOperationException($"The step {Step} answered nothing.");
        }
        catch (JsonException failure)
        {
            throw new InvalidOperationException($"The step {Step} answered no {typeof(TResult).Name}: {failure.Message}", failure);
        }
    }
}

/// <summary>A step that is not done, as far as is known.</summary>
/// <param name="Step">What it is called.</param>
/// <param name="Of">Which of several of that name.</param>
/// <param name="Code">Why, for programs.</param>
/// <param name="Message">Why, for people.</param>
/// <param name="IsOverdue">Whether its time is up, and it may still turn out to be done.</param>
public sealed record StepFailure(string Step, string? Of, string Code, string? Message, bool IsOverdue)
{
    /// <summary>The code of a step whose time is up.</summary>
    public const string Overdue = "OVERDUE";
}
