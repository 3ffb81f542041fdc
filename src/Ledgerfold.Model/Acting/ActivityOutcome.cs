namespace Ledgerfold.Model.Acting;

/// <summary>What became of an activity: a closed family, so that a <c>switch</c> sees every case.</summary>
public abstract record ActivityOutcome
{
    private ActivityOutcome()
    {
    }

    /// <summary>It is done.</summary>
    /// <param name="Result">What it answered; kept as JSON, and told to the process.</param>
    public sealed record Done(object? Result = null) : ActivityOutcome;

    /// <summary>It is not done, and will not be: a final answer, as it is to a payment that is declined.</summary>
    /// <param name="Code">Why, for programs.</param>
    /// <param name="Message">Why, for people.</param>
    public sealed record Refused(string Code, string? Message = null) : ActivityOutcome;

    /// <summary>It is not done, nor will it be by an attempt so far; another attempt may do it.</summary>
    /// <param name="Problem">Why, for people.</param>
    public sealed record NotDone(string Problem) : ActivityOutcome;

    /// <summary>It is not known by now whether it is done.</summary>
    /// <param name="Problem">Why, for people.</param>
    public sealed record Unknown(string Problem) : ActivityOutcome;
}
