using System.Globalization;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// The name of a run's file: <c>index-(first segment)-(last segment)-(nonce).run</c>, while it is written with <c>.tmp</c> behind it. The
/// nonce is new for every file, so that a name is never used twice and a page never passes for that of another file.
/// </summary>
internal readonly record struct RunName(int FirstSegment, int LastSegment, ulong Nonce)
{
    private const string Prefix = "index-";
    private const string Suffix = ".run";
    private const string TemporarySuffix = Suffix + ".tmp";
    private const int Length = 6 + 8 + 1 + 8 + 1 + 16 + 4;

    public string Temporary => this + ".tmp";

    public int Segments => LastSegment - FirstSegment + 1;

    /// <summary>Whether an entry is a run that was never finished.</summary>
    public static bool IsTemporary(string entry) =>
        entry.StartsWith(Prefix, StringComparison.Ordinal) && entry.EndsWith(TemporarySuffix, StringComparison.Ordinal);

    public static bool TryParse(string entry, out RunName name)
    {
        name = default;
        if (entry.Length != Length
            || !entry.StartsWith(Prefix, StringComparison.Ordinal)
            || !entry.EndsWith(Suffix, StringComparison.Ordinal))
            return false;
        var digits = NumberStyles.None;
        if (!int.TryParse(entry.AsSpan(6, 8), digits, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(entry.AsSpan(15, 8), digits, CultureInfo.InvariantCulture, out var last)
            || !ulong.TryParse(entry.AsSpan(24, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var nonce))
        {
            return false;
        }

        name = new RunName(first, last, nonce);
        return last >= first && name.ToString() == entry;
    }

    public bool Contains(RunName other) => FirstSegment <= other.FirstSegment && other.LastSegment <= LastSegment;

    public bool Overlaps(RunName other) => FirstSegment <= other.LastSegment && other.FirstSegment <= LastSegment;

    public override string ToString() => $"{Prefix}{FirstSegment:D8}-{LastSegment:D8}-{Nonce:x16}{Suffix}";
}
