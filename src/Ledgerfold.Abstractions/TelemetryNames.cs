namespace Ledgerfold;

/// <summary>
/// Every name under which the platform shows what it does: of its spans, of what they and its measurements carry, and of its instruments.
/// Where the semantic conventions for messaging and HTTP have a name, it is theirs; all others begin with <c>ledgerfold.</c>
/// </summary>
public static class TelemetryNames
{
    /// <summary>The name of every source of spans and of every meter.</summary>
    public const string Source = "Ledgerfold";

    /// <summary>The most links that a span has: what took up more than so many events names the first.</summary>
    public const int LinksMax = 32;

    /// <summary>The upper bounds of the buckets into which seconds are counted.</summary>
    public static IReadOnlyList<double> SecondsBuckets { get; } =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10];

    /// <summary>The upper bounds of the buckets into which numbers of things are counted.</summary>
    public static IReadOnlyList<int> CountBuckets { get; } = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

    /// <summary>What a span is called, or how its name begins. A command and an activity are spans of their own names.</summary>
    public static class Spans
    {
        /// <summary>An append; behind it stands the category, where it writes to one stream.</summary>
        public const string Append = "append";

        /// <summary>Events that a fold takes up together; behind it stands the fold.</summary>
        public const string Fold = "fold";

        /// <summary>What a fold has changed, being written.</summary>
        public const string Checkpoint = "fold checkpoint";

        /// <summary>An instance of a process taking something up; behind it stands the process.</summary>
        public const string Process = "process";

        /// <summary>One life of an operation; behind it stands its kind.</summary>
        public const string Operation = "operation";
    }

    /// <summary>What spans and measurements carry.</summary>
    public static class Attributes
    {
        /// <summary>Whose events it is about.</summary>
        public const string Tenant = "ledgerfold.tenant";

        /// <summary>The command.</summary>
        public const string Command = "ledgerfold.command";

        /// <summary>What a command, an append or an attempt was answered.</summary>
        public const string Answer = "ledgerfold.answer";

        /// <summary>The code of a refusal.</summary>
        public const string Code = "ledgerfold.code";

        /// <summary>What a state began with: hot, snapshot, or nothing.</summary>
        public const string StateSource = "ledgerfold.source";

        /// <summary>The fold, with its version.</summary>
        public const string Fold = "ledgerfold.fold";

        /// <summary>A position: the last one that it came to.</summary>
        public const string Position = "ledgerfold.position";

        /// <summary>How many rows.</summary>
        public const string Rows = "ledgerfold.rows";

        /// <summary>The process.</summary>
        public const string Process = "ledgerfold.process";

        /// <summary>The key of an instance of a process; on spans alone.</summary>
        public const string ProcessKey = "ledgerfold.process.key";

        /// <summary>The lane that does the steps.</summary>
        public const string Lane = "ledgerfold.lane";

        /// <summary>The kind of operation.</summary>
        public const string Operation = "ledgerfold.operation";

        /// <summary>The id of an operation; on spans alone.</summary>
        public const string OperationId = "ledgerfold.operation.id";

        /// <summary>Which life of an operation.</summary>
        public const string OperationLife = "ledgerfold.operation.life";

        /// <summary>How an operation ended.</summary>
        public const string Outcome = "ledgerfold.outcome";

        /// <summary>Of the conventions: which system; always <see cref="MessagingSystemName"/>.</summary>
        public const string MessagingSystem = "messaging.system";

        /// <summary>Of the conventions: what is done, by its name here.</summary>
        public const string MessagingOperation = "messaging.operation.name";

        /// <summary>Of the conventions: what is done, by its kind: send or process.</summary>
        public const string MessagingOperationType = "messaging.operation.type";

        /// <summary>Of the conventions: where to; the stream, where it is one.</summary>
        public const string MessagingDestination = "messaging.destination.name";

        /// <summary>Of the conventions: how many events.</summary>
        public const string MessagingBatchCount = "messaging.batch.message_count";

        /// <summary>Of the conventions: the method of a call.</summary>
        public const string HttpMethod = "http.request.method";

        /// <summary>Of the conventions: the path of a call as its endpoint has it.</summary>
        public const string HttpRoute = "http.route";

        /// <summary>Of the conventions: what a call was answered.</summary>
        public const string HttpStatus = "http.response.status_code";

        /// <summary>How the platform is named to the conventions for messaging.</summary>
        public const string MessagingSystemName = "ledgerfold";
    }

    /// <summary>Instruments.</summary>
    public static class Metrics
    {
        /// <summary>How long appends take from call to answer, by answer: conflicts and repeats are answers.</summary>
        public const string AppendDuration = "ledgerfold.append.duration";

        /// <summary>Appends that wait for the writer.</summary>
        public const string AppendsWaiting = "ledgerfold.append.waiting";

        /// <summary>How long the disk takes to confirm a batch.</summary>
        public const string SyncDuration = "ledgerfold.sync.duration";

        /// <summary>Commands answered, by command and answer.</summary>
        public const string Commands = "ledgerfold.commands";

        /// <summary>How long commands take.</summary>
        public const string CommandDuration = "ledgerfold.command.duration";

        /// <summary>Decisions made again because the ledger had moved.</summary>
        public const string CommandRetries = "ledgerfold.command.retries";

        /// <summary>Commands answered with what they were answered before.</summary>
        public const string CommandRepeats = "ledgerfold.command.repeats";

        /// <summary>Commands of one key that were written as one append.</summary>
        public const string CommandsTogether = "ledgerfold.command.together";

        /// <summary>States loaded, by what they began with.</summary>
        public const string StatesLoaded = "ledgerfold.state.loads";

        /// <summary>Snapshots written.</summary>
        public const string SnapshotsWritten = "ledgerfold.snapshots.written";

        /// <summary>Snapshots that could not be written or read.</summary>
        public const string SnapshotsFailed = "ledgerfold.snapshots.failed";

        /// <summary>Events that folds have taken up.</summary>
        public const string FoldEvents = "ledgerfold.fold.events";

        /// <summary>Events that could not be folded.</summary>
        public const string FoldErrors = "ledgerfold.fold.errors";

        /// <summary>Times a fold failed as a whole.</summary>
        public const string FoldRestarts = "ledgerfold.fold.restarts";

        /// <summary>Times all rows of a fold were dropped.</summary>
        public const string FoldRebuilds = "ledgerfold.fold.rebuilds";

        /// <summary>How long the fold store takes to write.</summary>
        public const string CheckpointDuration = "ledgerfold.fold.checkpoint.duration";

        /// <summary>Positions that a fold is behind the ledger.</summary>
        public const string FoldLagEvents = "ledgerfold.fold.lag.events";

        /// <summary>Age of the oldest event that a fold should show.</summary>
        public const string FoldLagTime = "ledgerfold.fold.lag.time";

        /// <summary>Positions a second that a fold passes.</summary>
        public const string FoldRate = "ledgerfold.fold.rate";

        /// <summary>Keys and streams that a fold holds.</summary>
        public const string FoldHeld = "ledgerfold.fold.held";

        /// <summary>How a fold is, as a number.</summary>
        public const string FoldHealth = "ledgerfold.fold.health";

        /// <summary>What instances of processes made of what reached them.</summary>
        public const string ProcessRecords = "ledgerfold.process.records";

        /// <summary>Times a process failed as a whole.</summary>
        public const string ProcessRestarts = "ledgerfold.process.restarts";

        /// <summary>Positions that a process is behind the ledger.</summary>
        public const string ProcessLagEvents = "ledgerfold.process.lag.events";

        /// <summary>Age of the oldest event that a process should have taken up.</summary>
        public const string ProcessLagTime = "ledgerfold.process.lag.time";

        /// <summary>Attempts at steps of processes.</summary>
        public const string StepAttempts = "ledgerfold.process.attempts";

        /// <summary>How long after it was due a timer was found to be.</summary>
        public const string TimerLateness = "ledgerfold.process.timer.lateness";

        /// <summary>Times an operation was taken up.</summary>
        public const string OperationLives = "ledgerfold.operation.lives";

        /// <summary>Operations ended.</summary>
        public const string OperationsEnded = "ledgerfold.operations";

        /// <summary>Calls over HTTP that were turned down, by code.</summary>
        public const string Refusals = "ledgerfold.http.refusals";

        /// <summary>Calls over HTTP that were answered with what was answered before.</summary>
        public const string Replays = "ledgerfold.http.replays";

        /// <summary>Callers that follow the ledger now.</summary>
        public const string FollowsOpen = "ledgerfold.http.follows";
    }
}
