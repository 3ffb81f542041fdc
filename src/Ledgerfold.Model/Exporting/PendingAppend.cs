using System.Collections.Immutable;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// Lines that go into the ledger as one append. They keep their order there, so a stream that was left is not come back to: an append names
/// each stream once.
/// </summary>
internal sealed class PendingAppend(int eventsMax)
{
    private const int BytesMax = Limits.AppendBytesMax / 2;

    private readonly HashSet<string> _streams = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _ids = [];
    private ImmutableArray<ImportedEvent>.Builder _lines = ImmutableArray.CreateBuilder<ImportedEvent>();
    private long _bytes;

    public bool IsEmpty => _lines.Count == 0;

    /// <summary>Whether the line can be a part of this append.</summary>
    public bool Takes(ImportedEvent line)
    {
        if (IsEmpty)
            return true;
        if (_lines.Count == eventsMax || _bytes + SizeOf(line) > BytesMax || _lines[0].Tenant != line.Tenant)
            return false;
        return _lines[^1].Stream == line.Stream || !_streams.Contains(line.Stream);
    }

    public void Add(ImportedEvent line)
    {
        if (!_ids.Add(line.Item!.Id))
            throw BadFileException.Refused(line.Line, Attributes.Id, "given once in a file");
        _streams.Add(line.Stream);
        _lines.Add(line);
        _bytes += SizeOf(line);
    }

    /// <summary>The lines, which are then no longer here.</summary>
    public ImmutableArray<ImportedEvent> Take()
    {
        var lines = _lines.DrainToImmutable();
        _lines = ImmutableArray.CreateBuilder<ImportedEvent>();
        _streams.Clear();
        _ids.Clear();
        _bytes = 0;
        return lines;
    }

    /// <summary>Lines in runs of one stream each.</summary>
    public static IEnumerable<ImmutableArray<ImportedEvent>> Runs(ImmutableArray<ImportedEvent> lines)
    {
        for (var first = 0; first < lines.Length;)
        {
            var end = first + 1;
            while (end < lines.Length && lines[end].Stream == lines[first].Stream)
                end++;
            yield return lines[first..end];
            first = end;
        }
    }

    private static long SizeOf(ImportedEvent line) => Limits.SizeOf(line.Item!) + line.Stream.Length;
}
