using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Deciding;

/// <summary>A stream that a handler loaded, and what it adds to it.</summary>
internal abstract class LoadedStream(StreamKey key, long version)
{
    public StreamKey Key { get; } = key;

    /// <summary>Where it stood when it was loaded.</summary>
    public long Version { get; } = version;

    /// <summary>The events to be added, as the handler gave them.</summary>
    public List<object> Said { get; } = [];

    /// <summary>After the append: keeps the state that the stream is in now.</summary>
    public abstract void Keep(long firstPosition, Guid lastId);
}

/// <inheritdoc />
internal sealed class LoadedStream<TState>(StreamKey key, StateLoader<TState> loader, Kept<TState> kept)
    : LoadedStream(key, kept.Version)
{
    public TState State { get; private set; } = kept.Value;

    public void Append(object said, EventCodec codec)
    {
        State = loader.Decider.Apply(State, codec.WriteAndRead(said is Fact fact ? fact.Event : said));
        Said.Add(said);
    }

    public override void Keep(long firstPosition, Guid lastId) => loader.Keep(Key, kept with
    {
        Value = State,
        Version = Version + Said.Count,
        Position = firstPosition + Said.Count - 1,
        LastId = lastId,
    });
}

/// <summary>Takes a handler off its way when an event it needs cannot be read.</summary>
internal sealed class UnreadableException(Unreadable problem) : Exception(problem.ToString());

/// <summary>Takes a handler off its way when it asks for a stream that cannot have that name.</summary>
internal sealed class StreamNameException()
    : Exception("A stream is named category-id, of 1 to 512 bytes without control characters and slashes.");
