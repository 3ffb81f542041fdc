namespace Ledgerfold.Model.Operating;

/// <summary>Where an operation is in its life.</summary>
public enum OperationPhase
{
    /// <summary>It was asked for, and no engine has taken it up.</summary>
    Waiting,

    /// <summary>An engine has taken it up; whether that one still lives, nobody can tell from here.</summary>
    Running,

    /// <summary>It came to its end, with a result.</summary>
    Completed,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>It ended because somebody wanted it to.</summary>
    Cancelled,
}
