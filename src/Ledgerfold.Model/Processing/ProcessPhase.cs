namespace Ledgerfold.Model.Processing;

/// <summary>Where an instance of a process is in its life.</summary>
public enum ProcessPhase
{
    /// <summary>It reacts to what happens.</summary>
    Running,

    /// <summary>It takes back what was done, newest first.</summary>
    Compensating,

    /// <summary>It came to its end.</summary>
    Completed,

    /// <summary>It came to its end, and what it had done is taken back.</summary>
    Compensated,

    /// <summary>An operator ended it where it stood.</summary>
    Terminated,
}
