using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Fires timers whose time has come, by the wall clock. What is recorded is that the time has come, once, because the event's id follows
/// from the timer's number; whether that still means anything is for the instance to say.
/// </summary>
internal sealed class TimerLane(LaneContext context) : DueLane(InstanceRows.TimerLane, context)
{
    private readonly List<Task> _page = [];

    protected override Task Do(string tenant, InstanceRow row, DateTimeOffset now)
    {
        foreach (var timer in row.Timers.OrderBy(static one => one.Due).ThenBy(static one => one.Serial))
        {
            if (timer.Fired)
                continue;
            if (timer.Due > now)
            {
                Look(tenant, timer.Due); // a row stands under the earliest only
                continue;
            }

            var process = new KeyValuePair<string, object?>(TelemetryNames.Attributes.Process, row.Process);
            Telemetry.TimerLateness.Record((now - timer.Due).TotalSeconds, process);
            var fired = new ProcessEvent.TimerFired(row.Process, row.Key, timer.Serial, timer.Name, timer.Due);
            var id = ProcessRecords.IdOfTimer(row.Process, row.Key, timer.Serial);
#if ZOO
            if (Zoo.Bug("process-timer-fired-twice"))
            {
                var other = ProcessRecords.IdOfTimer(row.Process, row.Key, -timer.Serial);
                var again = ProcessRecords.Write(fired, other, cause: null, row.CorrelationId);
                _page.Add(Context.Recorder.Record(tenant, ProcessRecords.StreamOf(row.Process, row.Key), again));
            }
#endif
            var item = ProcessRecords.Write(fired, id, cause: null, row.CorrelationId);
            _page.Add(Context.Recorder.Record(tenant, ProcessRecords.StreamOf(row.Process, row.Key), item));
        }

        return Task.CompletedTask;
    }

    protected override async Task EndPage()
    {
        try
        {
            foreach (var recorded in _page)
                await recorded;
        }
        finally
        {
            _page.Clear();
        }
    }
}
