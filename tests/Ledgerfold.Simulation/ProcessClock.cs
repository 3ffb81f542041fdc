using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>The clock of the run as one process sees it: its timers end with it.</summary>
internal sealed class ProcessClock(ManualClock clock, SimulatedProcess process) : TimeProvider
{
    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        return clock.CreateTimer(WhileAlive, state, dueTime, period);

        void WhileAlive(object? given)
        {
            if (process.IsAlive)
                callback(given);
        }
    }
}
