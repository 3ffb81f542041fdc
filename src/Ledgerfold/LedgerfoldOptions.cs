using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold;

/// <summary>How an application uses Ledgerfold; checked when the application starts.</summary>
public sealed class LedgerfoldOptions
{
    /// <summary>
    /// Where everything is kept: the ledger in <c>ledger</c> below it, what is computed from it in <c>folds</c>. Not needed where
    /// <see cref="OpenLedger"/> and <see cref="OpenFolds"/> say otherwise.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>Whether an empty ledger is created where there is none; where not, the application does not start without one.</summary>
    public bool CreateMissing { get; set; } = true;

    /// <summary>How commands are carried out; the fold store comes from here.</summary>
    public CommandsOptions Commands { get; set; } = new();

    /// <summary>How projections are kept.</summary>
    public FoldEngineOptions Folds { get; set; } = new();

    /// <summary>How much is kept in memory of states at other times.</summary>
    public TimelineOptions Timelines { get; set; } = new();

    /// <summary>How processes are run.</summary>
    public ProcessOptions Processes { get; set; } = new();

    /// <summary>How operations are run.</summary>
    public OperationOptions Operations { get; set; } = new();

    /// <summary>How long the answer to a command waits for projections that are inline; afterwards it is given without them.</summary>
    public TimeSpan InlineWithin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Opens another ledger than the embedded one.</summary>
    public Func<IServiceProvider, ILedger>? OpenLedger { get; set; }

    /// <summary>Opens another fold store than the embedded one.</summary>
    public Func<IServiceProvider, IFoldStore>? OpenFolds { get; set; }
}
