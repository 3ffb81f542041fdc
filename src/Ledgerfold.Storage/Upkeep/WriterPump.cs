using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Upkeep;

/// <summary>
/// Pumps the writer, and lets a batch gather first: after a sync the callers it released come back within a moment, so waiting until as
/// many are staged as the last batch held makes fewer, fuller batches. Never longer than a quarter of the last round, and not for a
/// single caller.
/// </summary>
internal sealed class WriterPump
{
    private readonly LogWriter _writer;
    private readonly AppendQueue _queue;
    private readonly TimeProvider _clock;
    private TimeSpan _lastRound;

    public WriterPump(LogWriter writer, AppendQueue queue, TimeProvider clock, Action<Exception> failed)
    {
        _writer = writer;
        _queue = queue;
        _clock = clock;
        Pump = new Pump("ledgerfold writer", Step, () => queue.Count > 0, TimeSpan.FromMilliseconds(50), 200, failed);
    }

    public Pump Pump { get; }

    private bool Step()
    {
        Gather();
        var started = _clock.GetTimestamp();
        var worked = _writer.Step();
        if (worked)
            _lastRound = _clock.GetElapsedTime(started);
        return worked;
    }

    private void Gather()
    {
        var wanted = _writer.LastBatchAppends;
        if (wanted < 2 || _queue.Count == 0)
            return;
        var started = _clock.GetTimestamp();
        while (_queue.Count < wanted && _clock.GetElapsedTime(started) < _lastRound / 4)
            Thread.Yield();
    }
}
