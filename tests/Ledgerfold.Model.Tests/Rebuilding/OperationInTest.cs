using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Tests.Rebuilding;

/// <summary>What an operation is given to run with, and what it saved: enough to end it anywhere and let it go on.</summary>
internal sealed class OperationInTest
{
    private static int _ids;

    private readonly CancellationTokenSource _cancel = new();
    private JsonElement? _checkpoint;
    private int _lives;

    public Guid Id { get; } = new(Interlocked.Increment(ref _ids), 5, 5, new byte[8]);

    public List<string> Messages { get; } = [];

    /// <summary>The next life of it.</summary>
    public OperationContext Live() => new(State(), ++_lives, Save, _cancel.Token);

    private OperationState State() => new()
    {
        Id = Id,
        Tenant = Tenants.Default,
        Kind = "test",
        BegunAt = DateTimeOffset.UnixEpoch,
        Position = 1,
        Version = 1,
        Checkpoint = _checkpoint,
    };

    private ValueTask Save(OperationProgress progress, object? checkpoint, bool now)
    {
        if (checkpoint is not null)
            _checkpoint = JsonSerializer.SerializeToElement(checkpoint, EventJson.Options);
        if (Messages.LastOrDefault() != progress.Message)
            Messages.Add(progress.Message ?? "");
        return default;
    }
}
