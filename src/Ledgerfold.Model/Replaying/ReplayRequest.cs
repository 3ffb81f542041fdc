using System.Collections.Immutable;

namespace Ledgerfold.Model.Replaying;

/// <summary>
/// What is folded again, from where to where, how fast, and what is thought to be otherwise. The rows that come of it stand in a place of
/// their own; nothing else is touched, and nothing is done: only folds can be replayed.
/// </summary>
public sealed record ReplayRequest
{
    /// <summary>The projection.</summary>
    public required string Projection { get; init; }

    /// <summary>The version of its code; it need not be the one that readers see.</summary>
    public required int Version { get; init; }

    /// <summary>Only events behind this position; those before it are folded first, or left out, as <see cref="Start"/> says.</summary>
    public long From { get; init; }

    /// <summary>Only events recorded then or later, as <see cref="From"/>.</summary>
    public DateTimeOffset? FromTime { get; init; }

    /// <summary>Only events up to this position; null for all there are when it begins.</summary>
    public long? To { get; init; }

    /// <summary>Only events recorded by then, as <see cref="To"/>.</summary>
    public DateTimeOffset? ToTime { get; init; }

    /// <summary>With what it begins at <see cref="From"/>.</summary>
    public ReplayStart Start { get; init; }

    /// <summary>Of the events that the projection reads, only those of this tenant; null for all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Of the events that the projection reads, only those that match this as well; null for all.</summary>
    public EventQuery? Only { get; init; }

    /// <summary>How many times as fast as it happened; null for as fast as it goes.</summary>
    public double? Speed { get; init; }

    /// <summary>What is thought to be otherwise.</summary>
    public ImmutableArray<Alteration> Alterations { get; init; } = [];

    /// <summary>Whether the rows are compared with those that the projection has, or had at the end of it, in truth.</summary>
    public bool Compares { get; init; }

    /// <summary>What is wrong with it, as a field and a rule; null when nothing is.</summary>
    internal (string Field, string Rule)? Check(long head)
    {
        if (From < 0 || From > head)
            return ("from", $"0 to {head}, where the ledger ends");
        if (To is { } to && (to < From || to > head))
            return ("to", $"{From} to {head}, where the ledger ends");
        if (Speed is { } speed && !(speed > 0 && double.IsFinite(speed)))
            return ("speed", "above 0");
        if (Tenant is not null && !Limits.IsName(Tenant))
            return ("tenant", "1 to 512 bytes of UTF-8 without control characters");
        if (Only is not null && Limits.Check(new ReadRequest { Query = Only }) is { } refused)
            return ($"only.{refused.Field}", refused.Rule);
        if (Alterations.IsDefault || Alterations.Length > AlterationsMax)
            return ("alterations", $"at most {AlterationsMax}");
        for (var a = 0; a < Alterations.Length; a++)
        {
            if (Check(Alterations[a], head) is { } rule)
                return ($"alterations[{a}]", rule);
        }

        return null;
    }

    private const int AlterationsMax = 1_000;

    private static string? Check(Alteration alteration, long head) => alteration switch
    {
        Alteration.Remove(var position) => IsEvent(position, head),
        Alteration.Replace replace => IsEvent(replace.Position, head),
        Alteration.Insert insert when insert.After < 0 || insert.After > head => $"behind 0 to {head}",
        Alteration.Insert insert when !Limits.IsStream(insert.Stream) => "the name of a stream, category-id",
        Alteration.Insert insert when !Limits.IsName(insert.Tenant) || !Limits.IsName(insert.Type) => "names of 1 to 512 bytes",
        _ => null,
    };

    private static string? IsEvent(long position, long head) =>
        position >= 1 && position <= head ? null : $"the position of an event, 1 to {head}";
}

/// <summary>With what a replay begins.</summary>
public enum ReplayStart
{
    /// <summary>With the rows as they were there: everything before is folded first, as it happened and as fast as it goes.</summary>
    AsItWas,

    /// <summary>With nothing: what came before is left out.</summary>
    Empty,
}
