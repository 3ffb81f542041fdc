namespace Ledgerfold.Model.Exploring;

/// <summary>What a question about a stream's state is answered: a closed family.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public abstract record StateAnswer<T>
{
    private StateAnswer()
    {
    }

    /// <summary>What was asked for.</summary>
    public sealed record Computed(T Value) : StateAnswer<T>;

    /// <summary>The stream has no event.</summary>
    public sealed record NoStream : StateAnswer<T>;

    /// <summary>No module brings a decider for streams of this category.</summary>
    public sealed record NoDecider(string Category) : StateAnswer<T>;

    /// <summary>An event could not be folded; what rests on it is never given.</summary>
    /// <param name="Position">Which.</param>
    /// <param name="Error">Why.</param>
    public sealed record Unfoldable(long Position, string Error) : StateAnswer<T>;

    /// <summary>The stream has more events than such a question may read.</summary>
    /// <param name="Events">How many it has.</param>
    /// <param name="EventsMax">How many it may have.</param>
    public sealed record TooLong(long Events, long EventsMax) : StateAnswer<T>;
}
