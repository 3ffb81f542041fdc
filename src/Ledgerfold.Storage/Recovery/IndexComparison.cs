using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Compares each run with a scan of its segments in constant memory: both sides add up a hash of every (key, position), and equal sums mean
/// equal sets; where each record begins and where each stream stands is compared one by one.
/// </summary>
internal sealed class IndexComparison : IDisposable
{
    private readonly IndexSnapshot _snapshot;
    private readonly EventLedger _facts;
    private readonly List<VerifyProblem> _problems = [];
    private readonly IndexKey[] _others = new IndexKey[EventKeys.OthersMax];
    private UInt128 _scanned;
    private bool _damaged;

    public IndexComparison(IndexSet index, EventLedger facts)
    {
        _snapshot = index.Acquire();
        _facts = facts;
    }

    /// <summary>Takes the next event of the scan, and where it stands in its file.</summary>
    public void Scanned(in RecordView record, long offset)
    {
        if (record.Position > _snapshot.SealedThrough)
            return;
        var hasher = _facts.Hasher;
        var names = record.Names;
        Add(ref _scanned, hasher.OfId(names.Tenant, record.Id), record.Position);
        Add(ref _scanned, hasher.OfStream(names.Tenant, names.Stream), record.Position);
        var others = EventKeys.Others(hasher, names, _others);
        foreach (var key in _others.AsSpan(0, others))
            Add(ref _scanned, key, record.Position);
        try
        {
            if (_snapshot.OffsetOf(record.Position) != offset)
                _problems.Add(new VerifyProblem("index", offset, record.Position, "the index says the event begins elsewhere"));
        }
        catch (LedgerDamagedException damage)
        {
            _problems.Add(new VerifyProblem("index", 0, record.Position, damage.Message));
        }
    }

    /// <summary>The scan cannot see some events: there is nothing to compare the run with.</summary>
    public void Damaged() => _damaged = true;

    /// <summary>A segment has been scanned: compares its root, and its run if it was the last of it; a null root is not known.</summary>
    public List<VerifyProblem> EndOf(Segment segment, byte[]? root)
    {
        foreach (var run in _snapshot.Runs)
        {
            foreach (var summary in run.Segments)
            {
                if (summary.Segment == segment.Number && root is not null && !summary.Root.Span.SequenceEqual(root))
                    Report(run, "the Merkle root is not that of the segment's events", summary.FirstPosition);
            }

            if (run.Segments[^1].Segment == segment.Number)
                Compare(run);
        }

        List<VerifyProblem> found = [.. _problems];
        _problems.Clear();
        return found;
    }

    public void Dispose() => _snapshot.Dispose();

    private void Compare(RunFile run)
    {
        if (!_damaged)
        {
            try
            {
                if (Sum(run) != _scanned)
                    Report(run, "the index does not hold the keys of exactly its events");
            }
            catch (LedgerDamagedException damage)
            {
                Report(run, damage.Message);
            }
        }

        _scanned = default;
        _damaged = false;
    }

    private UInt128 Sum(RunFile run)
    {
        UInt128 sum = default;
        var scan = new RunScan(run);
        while (scan.MoveNext())
        {
            var positions = 0L;
            var cursor = scan.Positions();
            for (cursor.Seek(run.FirstPosition); cursor.Current != PositionCursor.End; cursor.Seek(cursor.Current + 1))
            {
                Add(ref sum, scan.Key, cursor.Current);
                positions++;
            }

            if (scan.Kind == RunFormat.EntryKind.Id && positions != 1)
                Report(run, "an event id stands in the ledger twice");
            if (scan.Kind == RunFormat.EntryKind.Stream
                && new StreamHead(scan.Stream.LastVersion, scan.Stream.Closed) != _facts[scan.Key])
            {
                Report(run, $"a stream stands at version {scan.Stream.LastVersion} here, and at {_facts[scan.Key].Version} in the log");
            }
        }

        return sum;
    }

    private void Report(RunFile run, string problem, long position = 0) =>
        _problems.Add(new VerifyProblem(run.FileName, 0, position == 0 ? run.FirstPosition : position, problem));

    private static void Add(ref UInt128 sum, in IndexKey key, long position)
    {
        var mixed = Mix(key.High ^ ((ulong)position * 0x9E3779B97F4A7C15));
        sum = unchecked(sum + new UInt128(mixed, Mix(key.Low ^ mixed)));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
