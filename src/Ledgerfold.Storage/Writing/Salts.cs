using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// Salts of payload digests, drawn from chance many at a time: asking the system costs more than an event's hash. Any thread.
/// </summary>
internal sealed class Salts(IChance chance)
{
    private readonly Lock _lock = new();
    private readonly byte[] _drawn = new byte[4096];
    private int _left;

    /// <summary>Fills in salts that were never given out.</summary>
    public void Fill(Span<byte> salts)
    {
        lock (_lock)
        {
            while (!salts.IsEmpty)
            {
                if (_left == 0)
                {
                    chance.Fill(_drawn);
                    _left = _drawn.Length;
                }

                var taken = Math.Min(_left, salts.Length);
                _drawn.AsSpan(_drawn.Length - _left, taken).CopyTo(salts);
                _left -= taken;
                salts = salts[taken..];
            }
        }
    }
}
