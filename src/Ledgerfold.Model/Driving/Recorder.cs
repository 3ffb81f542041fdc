using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Records what happens to instances from the outside: outcomes, attempts, timers that fired. What comes while an append is under way goes
/// into the next one together. Every event's id follows from what it is about, and the first to say something of it is right: who comes
/// later with something else has only to know that it is said. Any thread.
/// </summary>
internal sealed class Recorder(ILedger ledger, ProcessOptions options, CancellationToken stop)
{
    private const int TogetherMax = 1_000;
    private const int TogetherBytesMax = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Entry> _waiting = new();
    private readonly Signal _wake = new();
    private bool _ended;

    /// <summary>Records one event; ends once it is on disk, with whether it says what is recorded under its id.</summary>
    public Task<bool> Record(string tenant, string stream, NewEvent item)
    {
        var entry = new Entry(tenant, stream, item);
        lock (_lock)
        {
            if (_ended)
                return Task.FromCanceled<bool>(stop);
            _waiting.Enqueue(entry);
        }

        _wake.Set();
        return entry.Done.Task;
    }

    public async Task Run()
    {
        System.Diagnostics.Activity.Current = null; // a trace of nobody: it may have been started in somebody's
        try
        {
            using var stopping = stop.UnsafeRegister(static state => ((Signal)state!).Set(), _wake);
            while (!stop.IsCancellationRequested)
            {
                var together = TakeTogether();
                if (together.Count > 0)
                    await Write(together);
                else
                    await _wake.Wait();
            }
        }
        finally
        {
            List<Entry> left;
            lock (_lock)
            {
                _ended = true;
                left = [.. _waiting];
                _waiting.Clear();
            }

            foreach (var entry in left)
                entry.Done.TrySetCanceled(stop);
        }
    }

    private List<Entry> TakeTogether()
    {
        var together = new List<Entry>();
        var ids = new HashSet<Guid>();
        long bytes = 0;
        lock (_lock)
        {
            while (together.Count < TogetherMax && _waiting.TryPeek(out var next))
            {
                bytes += Limits.SizeOf(next.Item);
                if (together.Count > 0 && (bytes > TogetherBytesMax || next.Tenant != together[0].Tenant))
                    break;
                if (!ids.Add(next.Item.Id))
                    break; // one says it first
                together.Add(_waiting.Dequeue());
            }
        }

        return together;
    }

    private async Task Write(List<Entry> together)
    {
        for (var tries = 1; ; tries++)
        {
            var outcome = stop.IsCancellationRequested ? null : await Append(together);
            switch (outcome)
            {
                case null:
                    together.ForEach(entry => entry.Done.TrySetCanceled(stop));
                    return;
                case AppendOutcome.Appended:
                    together.ForEach(static entry => entry.Done.TrySetResult(true));
                    return;
                case AppendOutcome.IdConflict or AppendOutcome.MixedRepeat or AppendOutcome.Erased when together.Count > 1:
                    foreach (var entry in together)
                        await Write([entry]);
                    return;
                case AppendOutcome.IdConflict or AppendOutcome.Erased:
                    together[0].Done.TrySetResult(false); // something else is said already
                    return;
                case AppendOutcome.Refused refused when together.Count == 1:
                    together[0].Done.TrySetException(new InvalidOperationException($"{refused.Field}: {refused.Rule}"));
                    return;
                case AppendOutcome.Refused:
                    foreach (var entry in together)
                        await Write([entry]);
                    return;
                default: // nothing was written, or nobody knows: the same again
                    await Ambient.Pause(options.Clock, options.Restarts.PauseAfter(tries, options.Chance), stop);
                    break;
            }
        }
    }

    private async Task<AppendOutcome?> Append(List<Entry> together)
    {
        var writes = together.GroupBy(static entry => entry.Stream, StringComparer.Ordinal).Select(static stream => new StreamWrite
        {
            Stream = stream.Key,
            Events = [.. stream.Select(static entry => entry.Item)],
        });
        try
        {
            return await ledger.Append(new AppendRequest { Tenant = together[0].Tenant, Writes = [.. writes] });
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        catch (IOException failure)
        {
            return new AppendOutcome.Indeterminate(failure.Message);
        }
    }

    private sealed record Entry(string Tenant, string Stream, NewEvent Item)
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
