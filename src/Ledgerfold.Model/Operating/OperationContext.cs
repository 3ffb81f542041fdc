using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Operating;

/// <summary>What an operation that runs knows of itself, and where it leaves how far it is.</summary>
public sealed class OperationContext
{
    private readonly JsonElement? _checkpoint;
    private readonly Func<OperationProgress, object?, bool, ValueTask> _save;

    internal OperationContext(
        OperationState state, int life, Func<OperationProgress, object?, bool, ValueTask> save, CancellationToken cancel)
    {
        (Id, Tenant, Actor, Reason, Life) = (state.Id, state.Tenant, state.Actor, state.Reason, life);
        (_checkpoint, _save, Cancel) = (state.Checkpoint, save, cancel);
    }

    /// <summary>The operation's id.</summary>
    public Guid Id { get; }

    /// <summary>Whose operation it is.</summary>
    public string Tenant { get; }

    /// <summary>Who asked for it.</summary>
    public string? Actor { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }

    /// <summary>The how many-th life of it this is, from 1.</summary>
    public int Life { get; }

    /// <summary>
    /// Cancelled when somebody wants it to stop, when the engine stops, or when another engine has taken it over. Which of them it is makes
    /// no difference to how it stops: it leaves what it began in order, and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    public CancellationToken Cancel { get; }

    /// <summary>What the last life saved; the default of the type at the beginning.</summary>
    /// <exception cref="JsonException">What was saved is of another shape.</exception>
    public T? Checkpoint<T>() => _checkpoint is { } saved ? saved.Deserialize<T>(EventJson.Options) : default;

    /// <summary>
    /// Says how far it is. Recorded at most every so often, so it may be called often; what is not recorded is gone with this life.
    /// </summary>
    /// <param name="progress">How far it is.</param>
    /// <param name="checkpoint">
    /// What it needs to go on from here, as JSON at most 256 KiB; what it did before must be done for good by now. Null leaves the one from
    /// before.
    /// </param>
    /// <param name="now">Records it in any case, and ends once it is on disk.</param>
    /// <exception cref="OperationCanceledException">
    /// <see cref="Cancel"/> is cancelled; what was to be recorded is, if it could be.
    /// </exception>
    /// <exception cref="InvalidOperationException">The checkpoint is too large.</exception>
    public ValueTask Save(OperationProgress progress, object? checkpoint = null, bool now = false)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return _save(progress, checkpoint, now);
    }
}
