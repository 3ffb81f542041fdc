using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Timelines;

/// <summary>What a timeline answers: a closed family. What rests on an event that could not be folded is never given.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public abstract record TimelineAnswer<T>
{
    private TimelineAnswer()
    {
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="InvalidOperationException">An event could not be folded.</exception>
    public T OrThrow() => this is Computed computed
        ? computed.Value
        : throw new InvalidOperationException($"The event at {((Failed)this).Position} cannot be folded: {((Failed)this).Error}");

    /// <summary>What becomes of it; failed where that fails.</summary>
    internal TimelineAnswer<TOther> Then<TOther>(Func<T, TOther> next)
    {
        if (this is Failed failed)
            return new TimelineAnswer<TOther>.Failed(failed.Position, failed.Error);
        var computed = (Computed)this;
        try
        {
            return new TimelineAnswer<TOther>.Computed(next(computed.Value), computed.Position, computed.Events);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new TimelineAnswer<TOther>.Failed(computed.Position, FoldError.Say(failure));
        }
    }

    /// <summary>What was asked for.</summary>
    /// <param name="Value">It; null where it is a state and there is none.</param>
    /// <param name="Position">Everything up to here was looked at.</param>
    /// <param name="Events">How many events of the subject it rests on: the version, for a stream.</param>
    public sealed record Computed(T Value, long Position, long Events) : TimelineAnswer<T>;

    /// <summary>An event could not be read or applied, or what it led to cannot be said as JSON.</summary>
    /// <param name="Position">Which.</param>
    /// <param name="Error">Why.</param>
    public sealed record Failed(long Position, string Error) : TimelineAnswer<T>;
}
