using System.Text.Json.Serialization;

namespace Ledgerfold.Model.Processing;

/// <summary>What an operator can do with an instance: a closed family, each case an audited event with a reason.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RetryStep), "retry-step")]
[JsonDerivedType(typeof(SettleStep), "settle-step")]
[JsonDerivedType(typeof(FireTimer), "fire-timer")]
[JsonDerivedType(typeof(MoveTimer), "move-timer")]
[JsonDerivedType(typeof(CancelTimer), "cancel-timer")]
[JsonDerivedType(typeof(Compensate), "compensate")]
[JsonDerivedType(typeof(Terminate), "terminate")]
[JsonDerivedType(typeof(Release), "release")]
[JsonDerivedType(typeof(HandIn), "hand-in")]
[JsonDerivedType(typeof(PassOver), "pass-over")]
public abstract record OperatorAction
{
    private OperatorAction()
    {
    }

    /// <summary>
    /// Begins a failed step again: a new attempt under a new number, because the answer to the old one is known and final.
    /// </summary>
    public sealed record RetryStep(int Serial) : OperatorAction;

    /// <summary>Takes a failed or overdue step as done, because somebody saw to it by hand.</summary>
    public sealed record SettleStep(int Serial) : OperatorAction;

    /// <summary>Fires a timer now.</summary>
    public sealed record FireTimer(string Name) : OperatorAction;

    /// <summary>Lets a timer fire at another time.</summary>
    public sealed record MoveTimer(string Name, DateTimeOffset Due) : OperatorAction;

    /// <summary>Takes a timer away.</summary>
    public sealed record CancelTimer(string Name) : OperatorAction;

    /// <summary>Takes back what was done.</summary>
    public sealed record Compensate : OperatorAction;

    /// <summary>Ends the instance where it stands; nothing is taken back.</summary>
    public sealed record Terminate : OperatorAction;

    /// <summary>Takes up what waits behind a failure of the code, the input that failed first.</summary>
    public sealed record Release : OperatorAction;

    /// <summary>Hands in an input again that was missed.</summary>
    public sealed record HandIn(long Position) : OperatorAction;

    /// <summary>Leaves it at that what was missed up to a position: somebody has looked at it.</summary>
    public sealed record PassOver(long UpTo) : OperatorAction;
}
