using System.Collections.Immutable;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// The rows of all instances: what people search, and where the lanes find what is due. A row stands once under the earliest due time of
/// each lane it has work in, so that what is due next is a short read however much there is that is not due.
/// </summary>
internal static class InstanceRows
{
    public const string CommandLane = "command";
    public const string TimerLane = "timer";

    public const string DueIndex = "due";
    public const string PhaseIndex = "phase";
    public const string StartedIndex = "started";
    public const string StuckIndex = "stuck";
    public const string MissedIndex = "missed";

    // a row has many steps, and the whole of it is in the ledger
    private const int ProblemLengthMax = 200;

    // the others are the indexes of one value each
    private const int DueEntriesMax = Limits.FoldIndexEntriesMax - 5;

    public static Projection<InstanceRow> Projection { get; } = new(new FoldName("$processes"))
    {
        Query = EventQuery.OfCategory(ProcessRecords.Category),
        Key = static (_, recorded) => KeyOf(recorded.Stream),
        EventsOf = static key => EventQuery.OfStream(ProcessRecords.StreamOf(key)),
        Apply = static (row, fact, recorded) => Apply(row, (ProcessEvent)fact, recorded),
        Indexes = IndexesOf,
    };

    public static string KeyOf(string process, string key) => $"{process}.{key}";

    /// <summary>The row's key in the store.</summary>
    public static string RowKeyOf(string process, string keyPrefix) => RowKeys.OfState(KeyOf(process, keyPrefix));

    /// <summary>A key above those of all rows whose instance's key begins so.</summary>
    public static string? RowKeyAfter(string process, string keyPrefix) => RowKeys.After(RowKeyOf(process, keyPrefix));

    public static string LaneOf(Work work) => work.Activity ? LaneOfActivity(work.Name) : CommandLane;

    public static string LaneOf(Acting.Activity activity) => LaneOfActivity(activity.Name);

    public static string DueValue(string lane, DateTimeOffset due) => $"{lane} {Times.ToText(due)}";

    /// <summary>When a row has something due in a lane next; null where it has nothing.</summary>
    public static DateTimeOffset? DueOf(InstanceRow row, string lane) => lane == TimerLane
        ? Least(row.Timers.Where(static one => !one.Fired).Select(static one => one.Due))
        : Least(row.Steps.Where(one => !one.Answered && one.Lane == lane).Select(static one => one.NextAt));

    private static string LaneOfActivity(string name) => $"activity.{name}";

    private static DateTimeOffset? Least(IEnumerable<DateTimeOffset> times) =>
        times.Select(static time => (DateTimeOffset?)time).Min();

    private static string? KeyOf(string stream) =>
        ProcessRecords.NamesOf(stream) is (var process, { } key) ? KeyOf(process, key) : ProcessRecords.NamesOf(stream).Process;

    private static InstanceRow Apply(InstanceRow? row, ProcessEvent said, RecordedEvent recorded)
    {
        if (row is null)
        {
            var (process, key) = ProcessRecords.NamesOf(recorded.Stream);
            row = new InstanceRow { Process = process, Key = key ?? "" };
        }

        row = row with { ChangedAt = recorded.RecordedAt };
        return said switch
        {
            ProcessEvent.ProcessAdvanced advanced => Advance(row, advanced.Instance, recorded.RecordedAt),
            ProcessEvent.ProcessMissed missed => row with { Missed = row.Missed + 1, LastMissed = missed.In.Position },
            ProcessEvent.OperatorActed { Action: OperatorAction.HandIn } => row with { Missed = Math.Max(0, row.Missed - 1) },
            ProcessEvent.OperatorActed { Action: OperatorAction.PassOver(var upTo) } when row.LastMissed <= upTo => row with { Missed = 0 },
            ProcessEvent.StepTried tried => Change(row, tried.Serial, step => step with
            {
                Attempts = tried.Attempt,
                NextAt = tried.NextAt,
                Problem = ProcessRecords.Cut(tried.Problem, ProblemLengthMax),
            }),
            ProcessEvent.StepAnswered answered => Change(row, answered.Serial, static step => step with { Answered = true }),
            ProcessEvent.TimerFired fired => row with
            {
                Timers = [.. row.Timers.Select(timer => timer.Serial == fired.Serial ? timer with { Fired = true } : timer)],
            },
            _ => row,
        };
    }

    private static InstanceRow Change(InstanceRow row, int serial, Func<StepRow, StepRow> change) =>
        row with { Steps = [.. row.Steps.Select(step => step.Serial == serial ? change(step) : step)] };

    private static InstanceRow Advance(InstanceRow row, ProcessInstance now, DateTimeOffset at) => row with
    {
        Version = now.Version,
        Run = now.Run,
        Phase = now.Phase,
        StartedAt = now.StartedAt,
        CorrelationId = now.CorrelationId,
        Reason = now.Reason,
        Stuck = now.Stuck,
        Steps = [.. now.Steps.Where(IsToBeSettled).Select(step => RowOf(step, row, at))],
        Timers = [.. now.Timers.Select(timer => RowOf(timer, row))],
    };

    /// <summary>Whether somebody still works at a step, or asks about it.</summary>
    public static bool IsToBeSettled(ProcessStep step) =>
        step is { Status: StepStatus.Open } or { Status: StepStatus.Overdue, Work.Settles: true };

    private static StepRow RowOf(ProcessStep step, InstanceRow row, DateTimeOffset at)
    {
        var isOverdue = step.Status == StepStatus.Overdue;
        return row.Steps.FirstOrDefault(one => one.Serial == step.Serial) is { } known
            ? known with { IsOverdue = isOverdue }
            : new StepRow(step.Serial, step.Name, step.Of, LaneOf(step.Work!), step.Undoes is not null, isOverdue, 0, at, null, false);
    }

    private static TimerRow RowOf(ProcessTimer timer, InstanceRow row) =>
        row.Timers.FirstOrDefault(one => one.Serial == timer.Serial)
        ?? new TimerRow(timer.Serial, timer.Name, timer.Due, timer.Step is not null, Fired: false);

    private static ImmutableArray<FoldIndexEntry> IndexesOf(InstanceRow row)
    {
        var entries = ImmutableArray.CreateBuilder<FoldIndexEntry>();
        if (row is { Phase: { } phase, StartedAt: { } started })
        {
            entries.Add(new(PhaseIndex, $"{row.Process} {phase} {Times.ToText(started)}"));
            entries.Add(new(StartedIndex, $"{row.Process} {Times.ToText(started)}"));
        }

        if (row.Stuck is not null)
            entries.Add(new(StuckIndex, $"{row.Process} {Times.ToText(row.ChangedAt)}"));
        if (row.Missed > 0)
            entries.Add(new(MissedIndex, $"{row.Process} {row.LastMissed:D19}"));
        var lanes = row.Steps.Where(static step => !step.Answered).Select(static step => step.Lane)
            .Distinct(StringComparer.Ordinal)
            .Take(DueEntriesMax);
        foreach (var lane in lanes.Append(TimerLane))
        {
            if (DueOf(row, lane) is { } due)
                entries.Add(new(DueIndex, DueValue(lane, due)));
        }

        return entries.DrainToImmutable();
    }
}
