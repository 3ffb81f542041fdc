using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model;

/// <summary>Every name under which the model shows what it does, all of the source and the meter <c>Ledgerfold</c>.</summary>
internal static class Telemetry
{
    public const string Name = "Ledgerfold";

    public const string CommandTag = "ledgerfold.command";
    public const string TenantTag = "ledgerfold.tenant";
    public const string AnswerTag = "ledgerfold.answer";
    public const string SourceTag = "ledgerfold.source";
    public const string FoldTag = "ledgerfold.fold";
    public const string PositionTag = "ledgerfold.position";
    public const string RowsTag = "ledgerfold.rows";
    public const string ProcessTag = "ledgerfold.process";
    public const string LaneTag = "ledgerfold.lane";
    public const string OperationTag = "ledgerfold.operation";
    public const string OperationIdTag = "ledgerfold.operation.id";
    public const string LifeTag = "ledgerfold.operation.life";
    public const string OutcomeTag = "ledgerfold.outcome";
    public const string CheckpointActivity = "fold checkpoint";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Commands = Meter.CreateCounter<long>(
        "ledgerfold.commands", "{command}", "Commands answered, by command and answer.");

    public static readonly Histogram<double> CommandDuration = Meter.CreateHistogram<double>(
        "ledgerfold.command.duration", "s", "From a command's arrival to its answer.");

    public static readonly Counter<long> CommandRetries = Meter.CreateCounter<long>(
        "ledgerfold.command.retries", "{retry}", "Decisions made again because the ledger had moved.");

    public static readonly Histogram<int> CommandsWrittenTogether = Meter.CreateHistogram<int>(
        "ledgerfold.command.together", "{command}", "Commands of one key that were written as one append.");

    public static readonly Counter<long> StatesLoaded = Meter.CreateCounter<long>(
        "ledgerfold.state.loads", "{state}", "States loaded, by what they began with: hot, snapshot, or nothing.");

    public static readonly Counter<long> SnapshotsWritten = Meter.CreateCounter<long>(
        "ledgerfold.snapshots.written", "{snapshot}", "Snapshots written.");

    public static readonly Counter<long> SnapshotsFailed = Meter.CreateCounter<long>(
        "ledgerfold.snapshots.failed", "{snapshot}", "Snapshots that could not be written or read; states are computed without them.");

    public static readonly Counter<long> FoldEvents = Meter.CreateCounter<long>(
        "ledgerfold.fold.events", "{event}", "Events that a fold has taken up.");

    public static readonly Counter<long> FoldErrors = Meter.CreateCounter<long>(
        "ledgerfold.fold.errors", "{error}", "Events that could not be folded, each time it was tried.");

    public static readonly Counter<long> FoldRestarts = Meter.CreateCounter<long>(
        "ledgerfold.fold.restarts", "{restart}", "Times a fold failed as a whole and began again where its rows stand.");

    public static readonly Counter<long> FoldRebuilds = Meter.CreateCounter<long>(
        "ledgerfold.fold.rebuilds", "{rebuild}", "Times all rows of a fold were dropped, to be computed again.");

    public static readonly Histogram<double> CheckpointDuration = Meter.CreateHistogram<double>(
        "ledgerfold.fold.checkpoint.duration", "s", "How long the fold store took to write what a fold had changed, by answer.");

    public static readonly Counter<long> ProcessRecords = Meter.CreateCounter<long>(
        "ledgerfold.process.records", "{record}", "What instances of processes made of what reached them.");

    public static readonly Counter<long> ProcessRestarts = Meter.CreateCounter<long>(
        "ledgerfold.process.restarts", "{restart}", "Times a process failed as a whole and began again where its cursor stands.");

    public static readonly Counter<long> StepAttempts = Meter.CreateCounter<long>(
        "ledgerfold.process.attempts", "{attempt}", "Attempts at steps of processes, by lane and by what they came to.");

    public static readonly Histogram<double> TimerLateness = Meter.CreateHistogram<double>(
        "ledgerfold.process.timer.lateness", "s", "How long after it was due a timer was found to be.");

    public static readonly Counter<long> OperationLives = Meter.CreateCounter<long>(
        "ledgerfold.operation.lives", "{life}", "Times an operation was taken up, anew or behind a restart.");

    public static readonly Counter<long> OperationsEnded = Meter.CreateCounter<long>(
        "ledgerfold.operations", "{operation}", "Operations ended, by kind and outcome.");

    public static string NameOf(OperationPhase outcome) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());

    public static void CountEnd(string operation, OperationPhase outcome) =>
        OperationsEnded.Add(1, new(OperationTag, operation), new(OutcomeTag, NameOf(outcome)));

    public static KeyValuePair<string, object?> TagOf(FoldName fold) => new(FoldTag, fold.ToString());
}
