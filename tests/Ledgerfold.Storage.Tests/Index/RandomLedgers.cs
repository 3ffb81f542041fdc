using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Ledgerfold.Storage.Tests.Index;

/// <summary>What happens to an indexed ledger, one step after the other.</summary>
internal abstract record Step
{
    public sealed record Append(string Stream, string Type, ImmutableArray<string> Tags, string? Correlation, bool Closes, int Times)
        : Step;

    public sealed record Seal : Step;

    public sealed record Merge(int Steps) : Step;

    public sealed record Reopen : Step;
}

/// <summary>A question and the window it is asked in, as shares of the ledger.</summary>
internal sealed record Question(EventQuery Query, int AfterPercent, int BeforePercent, bool Backward);

internal static class RandomLedgers
{
    private static readonly Gen<string> s_stream = Gen.Elements("order-1", "order-2", "order-3", "vendor-1", "$audit-1");
    private static readonly Gen<string> s_type = Gen.Elements("Created", "Paid", "Shipped", "Closed");
    private static readonly Gen<string> s_tag = Gen.Elements("vendor:1", "vendor:2", "city:a", "city:b", "correlation:c1", "rare:x");

    public static Gen<Step[]> Steps => Gen.Frequency<Step>(
        (10, Append(times: 3)),
        (3, Append(times: 200)),
        (4, Gen.Constant<Step>(new Step.Seal())),
        (3, Gen.Choose(1, 60).Select(Step (steps) => new Step.Merge(steps))),
        (1, Gen.Constant<Step>(new Step.Reopen()))).ArrayOf();

    public static Gen<Question[]> Questions =>
        (from query in Query
         from after in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(0, 100)))
         from before in Gen.Frequency((2, Gen.Constant(101)), (3, Gen.Choose(0, 101)))
         from backward in Gen.Elements(false, true)
         select new Question(query, after, before, backward)).ArrayOf(6);

    private static Gen<EventQuery> Query => Gen.Frequency(
        (1, Gen.Constant(EventQuery.All)),
        (9, Item.ArrayOf().Resize(3).Select(items => new EventQuery { Items = [.. items] })));

    private static Gen<QueryItem> Item =>
        from types in s_type.ArrayOf().Resize(2)
        from tags in s_tag.ArrayOf().Resize(2)
        from stream in Gen.Frequency((3, Gen.Constant<string?>(null)), (2, s_stream.Select(string? (stream) => stream)))
        from category in Gen.Frequency((4, Gen.Constant<string?>(null)), (1, Gen.Elements<string?>("order", "vendor", "$audit", "none")))
        select new QueryItem { Types = [.. types], Tags = [.. tags], Stream = stream, Category = category };

    public static IndexedLedger Play(IEnumerable<Step> steps, IndexedLedger ledger)
    {
        foreach (var step in steps)
            Play(step, ledger);
        return ledger;
    }

    public static void Play(Step step, IndexedLedger ledger)
    {
        switch (step)
        {
            case Step.Append append:
                for (var i = 0; i < append.Times; i++)
                    ledger.Append(append.Stream, append.Type, append.Tags, append.Correlation, append.Closes && i == append.Times - 1);
                break;
            case Step.Seal when ledger.Active.Count > 0:
                ledger.Seal();
                break;
            case Step.Merge merge:
                for (var i = 0; i < merge.Steps && ledger.Set.MergeStep(); i++)
                {
                }

                break;
            case Step.Reopen:
                ledger.Reopen();
                break;
        }
    }

    private static Gen<Step> Append(int times) =>
        from stream in s_stream
        from type in s_type
        from tags in s_tag.Where(tag => !Tags.IsNamedCorrelation(tag)).ArrayOf().Resize(3)
        from correlation in Gen.Elements<string?>(null, "c1", "c2")
        from closes in Gen.Frequency((30, Gen.Constant(false)), (1, Gen.Constant(true)))
        from repeated in Gen.Choose(1, times)
        select (Step)new Step.Append(stream, type, [.. tags.Distinct()], correlation, closes, repeated);
}
