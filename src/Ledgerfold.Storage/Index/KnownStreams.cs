using System.Numerics;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Where streams stand in a set of runs, for those that were asked for lately: whoever appends to a stream that exists would else read a
/// page each time. It lives as long as the set, whose runs never change, so that nothing in it can grow old. Each key has one place, and
/// whichever of its keys was asked for last is there. Any thread: what stands in a place never changes, it is only exchanged.
/// </summary>
internal sealed class KnownStreams(long keys)
{
    private const int PlacesMax = 16 * 1024;
    private const int KeysPerPlace = 16;

    private readonly Known?[] _places = new Known?[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(keys / KeysPerPlace, 1, PlacesMax))];

    public bool TryFind(in IndexKey stream, out StreamEntry entry)
    {
        if (Volatile.Read(ref PlaceOf(stream)) is { } known && known.Stream == stream)
        {
            entry = known.Entry;
            return true;
        }

        entry = default;
        return false;
    }

    public void Keep(in IndexKey stream, in StreamEntry entry) => Volatile.Write(ref PlaceOf(stream), new Known(stream, entry));

    private ref Known? PlaceOf(in IndexKey stream) => ref _places[(int)(stream.Low & (uint)(_places.Length - 1))];

    private sealed class Known(in IndexKey stream, in StreamEntry entry)
    {
        public IndexKey Stream { get; } = stream;

        public StreamEntry Entry { get; } = entry;
    }
}
