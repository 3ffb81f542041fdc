using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// Snapshots of states, as rows of the fold <c>$state-category</c> in the version of its decider: <c>{"version", "position", "id",
/// "state"}</c>. One is believed only if the event it names stands in the ledger where it says, so a store of another ledger, or of
/// another life of this one, is passed over. None is ever needed: whatever goes wrong with them costs time only.
/// </summary>
internal sealed class SnapshotStore(IFoldStore store, ILedger ledger)
{
    private const int WaitingMax = 1_000;
    private const int BatchRowsMax = 100;

    // While holding the lock.
    private readonly Lock _lock = new();
    private readonly Dictionary<(FoldName Fold, StreamKey Key), (FoldRow Row, long Position)> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private bool _isWriting; // the task may end a moment later than it has taken its last

    /// <summary>Ends when all snapshots offered so far are written, or have failed.</summary>
    public Task Written
    {
        get
        {
            lock (_lock)
                return _writing;
        }
    }

    /// <summary>The newest snapshot of a state that can be believed, or null.</summary>
    public async ValueTask<Kept<TState>?> Find<TState>(Decider<TState> decider, StreamKey key, CancellationToken cancel)
    {
        try
        {
            var row = await store.Get(NameOf(decider), key.Tenant, key.Stream, cancel);
            if (row is null || Decode(decider, row.Data) is not { } kept)
                return null;
            return await ledger.ReadById(key.Tenant, kept.LastId, cancel) is { } last
                && (last.Stream, last.Version, last.Position) == (key.Stream, kept.Version, kept.Position)
                ? kept
                : null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Telemetry.SnapshotsFailed.Add(1);
            return null;
        }
    }

    /// <summary>Has a state written when nobody waits for it any more; where too many wait, this one is let go.</summary>
    public void Offer<TState>(Decider<TState> decider, StreamKey key, Kept<TState> kept)
    {
        if (Encode(decider, kept) is not { } data)
            return;
        var row = new FoldRow { Tenant = key.Tenant, Key = key.Stream, Data = data };
        lock (_lock)
        {
            if (_waiting.Count >= WaitingMax)
                return;
            _waiting[(NameOf(decider), key)] = (row, kept.Position);
            if (_isWriting)
                return;
            _isWriting = true;
            _writing = WriteAll();
        }
    }

    public static FoldName NameOf<TState>(Decider<TState> decider)
    {
#if ZOO
        if (Zoo.Bug("model-snapshot-of-another-version"))
            return new FoldName($"$state-{decider.Category}");
#endif
        return new FoldName($"$state-{decider.Category}", decider.Version);
    }

    private static ReadOnlyMemory<byte>? Encode<TState>(Decider<TState> decider, Kept<TState> kept)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        try
        {
            json.WriteStartObject();
            json.WriteNumber("version", kept.Version);
            json.WriteNumber("position", kept.Position);
            json.WriteString("id", kept.LastId);
            json.WritePropertyName("state");
            JsonSerializer.Serialize(json, kept.Value, decider.Json.GetTypeInfo(typeof(TState)));
            json.WriteEndObject();
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException or InvalidOperationException)
        {
            Telemetry.SnapshotsFailed.Add(1); // a state that JSON cannot say is computed each time
            return null;
        }

        json.Flush();
        return buffer.WrittenMemory;
    }

    private static Kept<TState>? Decode<TState>(Decider<TState> decider, ReadOnlyMemory<byte> data)
    {
        using var json = JsonDocument.Parse(data);
        var row = json.RootElement;
        var version = row.GetProperty("version").GetInt64();
        return row.GetProperty("state").Deserialize(decider.Json.GetTypeInfo(typeof(TState))) is TState state
            ? new Kept<TState>(state, version, row.GetProperty("position").GetInt64(), row.GetProperty("id").GetGuid(), version)
            : null;
    }

    private async Task WriteAll()
    {
        await Task.Yield(); // whoever offered is answered first
        while (Take() is { Length: > 0 } taken)
        {
            var fold = taken[0].Fold;
            try
            {
                await Write(fold, taken);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Telemetry.SnapshotsFailed.Add(taken.Length);
            }
        }
    }

    /// <summary>Some of those that wait, all of one fold.</summary>
    private ImmutableArray<(FoldName Fold, FoldRow Row, long Position)> Take()
    {
        lock (_lock)
        {
            var fold = _waiting.Keys.FirstOrDefault().Fold;
            ImmutableArray<(FoldName Fold, FoldRow Row, long Position)> taken =
            [
                .. _waiting.Where(one => one.Key.Fold == fold).Take(BatchRowsMax).Select(one => (fold, one.Value.Row, one.Value.Position)),
            ];
            foreach (var (_, row, _) in taken)
                _waiting.Remove((fold, new StreamKey(row.Tenant, row.Key)));
            _isWriting = !taken.IsEmpty;
            return taken;
        }
    }

    private async Task Write(FoldName fold, ImmutableArray<(FoldName Fold, FoldRow Row, long Position)> taken)
    {
        var stands = await store.ReadPosition(fold);
        var outcome = await store.Write(new FoldBatch
        {
            Fold = fold,
            Expected = stands,
            Position = Math.Max(stands, taken.Max(static one => one.Position)),
            Rows = [.. taken.Select(static one => one.Row)],
        });
        if (outcome is FoldOutcome.Written)
            Telemetry.SnapshotsWritten.Add(taken.Length);
        else
            Telemetry.SnapshotsFailed.Add(taken.Length);
    }
}
