namespace Ledgerfold.Cli.Bench;

/// <summary>
/// What the device gives to the plainest of programs: one thread that writes as many bytes as the engine writes between two syncs, with
/// <c>pwrite</c>, and syncs, with <c>fdatasync</c>, one behind the other on space that holds zeros already.
/// </summary>
internal sealed class RawYardstick : IDisposable
{
    private const int SpaceBytes = 256 * 1024 * 1024;

    private readonly string _path;
    private readonly RawFile _file;
    private readonly byte[] _bytes = new byte[16 * 1024 * 1024];
    private long _at;

    public RawYardstick(string directory)
    {
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, "yardstick");
        _file = RawFile.Create(_path);
        var zeros = new byte[1024 * 1024];
        for (long at = 0; at < SpaceBytes; at += zeros.Length)
            _file.Write(zeros, at);
        _file.Sync();
        new Random(1).NextBytes(_bytes);
    }

    /// <summary>Writes and syncs over and over for so long.</summary>
    /// <param name="bytes">What is written before a sync.</param>
    /// <param name="events">How many events that would be.</param>
    /// <param name="length">How long.</param>
    public Slice Run(int bytes, int events, TimeSpan length)
    {
        bytes = Math.Clamp(bytes, 1, _bytes.Length);
        var latencies = new LatencyHistogram();
        var started = TimeProvider.System.GetTimestamp();
        long syncs = 0;
        do
        {
            if (_at + bytes > SpaceBytes)
                _at = 0;
            var before = TimeProvider.System.GetTimestamp();
            _file.Write(_bytes.AsSpan(0, bytes), _at);
            _file.Sync();
            latencies.AddSince(before);
            _at += bytes;
            syncs++;
        }
        while (TimeProvider.System.GetElapsedTime(started) < length);

        return new Slice(syncs * events, TimeProvider.System.GetElapsedTime(started), latencies);
    }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }
}

/// <summary>What one stretch of measuring gave.</summary>
internal sealed record Slice(long Events, TimeSpan Elapsed, LatencyHistogram Latencies)
{
    public double PerSecond => Events / Elapsed.TotalSeconds;
}
