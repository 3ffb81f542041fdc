namespace Ledgerfold.Model.Exporting;

/// <summary>
/// What the import knows of each stream of the file: how many of its events stand in the ledger, and what stood there before them. It is
/// all that grows with a file, by some hundred bytes for each stream.
/// </summary>
internal sealed class ImportedStreams
{
    private readonly Dictionary<(string Tenant, string Stream), Progress> _streams = [];

    /// <summary>Takes note of a line of the file.</summary>
    /// <exception cref="BadFileException">It is not behind those of its stream before it.</exception>
    public Progress Meet(ImportedEvent line)
    {
        var key = (line.Tenant, line.Stream);
        if (!_streams.TryGetValue(key, out var stream))
            _streams[key] = stream = new Progress { FirstVersion = line.Version };
        if (line.Version is { } version)
        {
            if (version <= stream.LastVersion)
            {
                throw BadFileException.Refused(
                    line.Line, Attributes.Version, $"above {stream.LastVersion}, that of an event of its stream before it");
            }

            stream.LastVersion = version;
        }

        return stream;
    }

    public Progress Of(ImportedEvent line) => _streams[(line.Tenant, line.Stream)];

    /// <summary>One stream of the file.</summary>
    internal sealed class Progress
    {
        /// <summary>The version that its first event in the file had; null where it does not say.</summary>
        public required long? FirstVersion { get; init; }

        public long LastVersion { get; set; }

        /// <summary>How many of its events in the file stand in the ledger.</summary>
        public long Standing { get; private set; }

        /// <summary>The version in the ledger of the last of them, where that is known.</summary>
        public long StandsAt { get; private set; }

        /// <summary>
        /// Whether what stood there before the file is known to be in order, so that <see cref="StandsAt"/> is the stream's version.
        /// </summary>
        public bool IsJoined { get; private set; }

        /// <summary>An event of it was appended.</summary>
        public void Appended()
        {
            Standing++;
            StandsAt++;
        }

        /// <summary>An earlier run did it.</summary>
        public void PassOver() => Standing++;

        /// <summary>An event of it was found; false where one before it in the file stands behind it or is the very same.</summary>
        public bool Found(long version)
        {
            if (version <= Math.Max(StandsAt, Standing))
                return false;
            Standing++;
            StandsAt = version;
            return true;
        }

        /// <summary>
        /// Whether the file's next event goes to a stream at this version: nothing before it but events of the file, and what the
        /// file goes on from.
        /// </summary>
        public bool Join(long version)
        {
            var before = version - Standing;
            IsJoined = before == 0 || before == FirstVersion - 1;
            if (IsJoined)
                StandsAt = version;
            return IsJoined;
        }
    }
}
