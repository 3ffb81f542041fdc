using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// What the directory says it holds, before any event is read: who it is, which segments make up the ledger, and where something is
/// missing. The last segment is the one with the highest epoch, and in it the highest number; each names the one before it by number and
/// epoch, so a file that a fenced writer left is in nobody's chain.
/// </summary>
internal sealed record Survey
{
    private const int ListingsMax = 10;

    /// <summary>The newest sound manifest.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The highest epoch that was ever claimed.</summary>
    public required long EpochMax { get; init; }

    /// <summary>The highest position that any manifest says was acknowledged.</summary>
    public required long AcknowledgedHead { get; init; }

    /// <summary>The highest segment that any manifest names.</summary>
    public required (long Epoch, int Number) NamedSegment { get; init; }

    /// <summary>The segments of the ledger, oldest first.</summary>
    public required IReadOnlyList<SegmentHeader> Chain { get; init; }

    /// <summary>Segment files that are no part of it.</summary>
    public required IReadOnlyList<string> Strays { get; init; }

    /// <summary>What is missing or foreign, in words; null when the chain is whole.</summary>
    public string? Break { get; init; }

    /// <summary>Whether a manifest names a segment behind this one.</summary>
    public bool NamesBehind(SegmentHeader last) => NamedSegment.CompareTo((last.Epoch, last.Segment)) > 0;

    /// <summary>Surveys the directory.</summary>
    /// <exception cref="LedgerUnavailableException">It is no ledger, or not one for this program.</exception>
    public static Survey Of(IDisk disk)
    {
        IReadOnlyList<string> names;
        List<Manifest> manifests;
        long epochMax;
        var listings = 0;
        do
        {
            names = disk.DirectoryExists ? disk.List() : [];
            manifests = ReadManifests(disk, names, out epochMax, out var gone);
            if (!gone)
                break;
        }
        while (manifests.Count == 0 && ++listings < ListingsMax);

        if (epochMax == 0)
            throw Unavailable.NotALedger(disk.Location);
        if (manifests.Count == 0)
            throw Unavailable.Damaged("No manifest is readable: the store cannot be identified.");
        var manifest = manifests.MaxBy(one => (one.Epoch, one.Sequence))!;
        names = disk.List(); // again: a manifest may name a segment that was not there a moment ago
        var headers = ReadSegments(disk, names, manifest.StoreId, out var misnamed, out var unreadable, out var foreign);
        var chain = Link(headers, manifest, out var broken);
        return new Survey
        {
            Manifest = manifest,
            // a manifest of an older time must not bring old epochs back
            EpochMax = headers.Select(header => header.Epoch).Append(epochMax).Max(),
            AcknowledgedHead = manifests.Max(one => one.Head),
            NamedSegment = manifests.Max(one => (one.SegmentEpoch, one.Segment)),
            Chain = chain,
            Strays = [.. headers.Except(chain).Select(header => header.Name), .. misnamed, .. unreadable],
            Break = foreign ?? broken ?? FindMissingEnd(manifest, chain) ?? FindUnreadableEnd(unreadable, chain),
        };
    }

    private static List<Manifest> ReadManifests(IDisk disk, IReadOnlyList<string> names, out long epochMax, out bool gone)
    {
        epochMax = 0;
        gone = false;
        var found = new List<Manifest>();
        var slot = new byte[Manifest.SlotBytes];
        foreach (var name in names)
        {
            if (!Manifest.TryParseName(name, out var epoch))
                continue;
            epochMax = Math.Max(epochMax, epoch);
            try
            {
                using var file = disk.Open(name, writable: false);
                foreach (var offset in (ReadOnlySpan<long>)[0, Manifest.SecondSlot])
                {
                    if (Manifest.Read(slot.AsSpan(0, file.Read(slot, offset))) is { } manifest && manifest.Epoch == epoch)
                        found.Add(manifest);
                }
            }
            catch (FileNotFoundException)
            {
                gone = true; // a newer writer deleted it between the listing and now
            }
        }

        return found;
    }

    private static List<SegmentHeader> ReadSegments(
        IDisk disk, IReadOnlyList<string> names, Guid storeId, out List<string> misnamed, out List<string> unreadable, out string? foreign)
    {
        misnamed = [];
        unreadable = [];
        foreign = null;
        var headers = new List<SegmentHeader>();
        var bytes = new byte[SegmentHeader.Bytes];
        foreach (var name in names)
        {
            if (!SegmentHeader.TryParseName(name, out _, out _))
                continue;
            using var file = disk.Open(name, writable: false);
            var header = SegmentHeader.Read(bytes.AsSpan(0, file.Read(bytes, 0)));
            if (header is null)
                unreadable.Add(name);
            else if (header.Name != name)
                misnamed.Add(name);
            else if (header.StoreId != storeId)
                foreign = $"{name} belongs to another store";
            else
                headers.Add(header);
        }

        return headers;
    }

    private static List<SegmentHeader> Link(List<SegmentHeader> headers, Manifest manifest, out string? broken)
    {
        broken = null;
        var chain = new List<SegmentHeader>();
        var byName = headers.ToDictionary(header => header.Name, StringComparer.Ordinal);
        var next = headers.MaxBy(header => (header.Epoch, header.Segment));
        if (next is null)
            broken = "there is no readable segment";
        while (next is not null)
        {
            chain.Add(next);
            if (next.PreviousSegment == 0 || (manifest.First > 1 && next.FirstPosition <= manifest.First))
                break; // with nothing removed yet all are needed: before the first event there may be cursor moves
            var previous = SegmentHeader.NameOf(next.PreviousSegment, next.PreviousEpoch);
            if (!byName.TryGetValue(previous, out next))
                broken = $"{previous} is missing or its header is damaged; it holds the positions before {chain[^1].FirstPosition}";
        }

        chain.Reverse();
        return chain;
    }

    /// <summary>
    /// The segment that the newest writer says it wrote to was durable before it said so; what a fenced writer left is none instead.
    /// </summary>
    private static string? FindMissingEnd(Manifest manifest, List<SegmentHeader> chain) =>
        manifest.Segment == 0 || chain.Exists(one => one.Segment == manifest.Segment && one.Epoch == manifest.SegmentEpoch)
            ? null
            : $"{SegmentHeader.NameOf(manifest.Segment, manifest.SegmentEpoch)} is missing or its header is damaged";

    /// <summary>
    /// A segment gets its name with a sound header in it, so one that would come last and has none held acknowledged events.
    /// </summary>
    private static string? FindUnreadableEnd(List<string> unreadable, List<SegmentHeader> chain)
    {
        foreach (var name in unreadable)
        {
            if (SegmentHeader.TryParseName(name, out var segment, out var epoch) && chain.Count > 0
                && (epoch, segment).CompareTo((chain[^1].Epoch, chain[^1].Segment)) > 0)
                return $"the header of {name} is damaged; it holds positions behind those of {chain[^1].Name}";
        }

        return null;
    }
}
