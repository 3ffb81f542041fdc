using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Tests.Index;

public class Asking_the_index
{
    private static readonly IndexOptions s_small = new() { MergeStepPages = 1, FanOut = 2 };

    [Fact]
    public void Answers_like_a_scan_however_the_segments_are_sealed_and_merged() =>
        AnswersLikeAScan(s_small);

    [Fact]
    public void Answers_like_a_scan_when_no_filter_fits_into_memory() =>
        AnswersLikeAScan(new IndexOptions { MergeStepPages = 1, FilterBytesMax = 0 });

    [Fact]
    public void Answers_like_a_scan_with_everything_in_memory()
    {
        var steps = RandomLedgers.Steps.Select(steps => steps.Where(step => step is Step.Append).ToArray());
        Check(steps, new IndexOptions());
    }

    [Fact]
    public void Answers_like_a_scan_with_everything_in_one_run()
    {
        var steps = RandomLedgers.Steps.Select(steps => steps.Where(step => step is Step.Append).Append(new Step.Seal()).ToArray());
        Check(steps, new IndexOptions());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Jumps_over_long_lists_to_where_a_rare_tag_is(bool merged)
    {
        using var ledger = new IndexedLedger(options: new IndexOptions { MergeStepPages = 3 });
        for (var segment = 0; segment < 4; segment++)
        {
            for (var i = 0; i < 9_000; i++)
            {
                var rare = i % 1_999 == 1_000;
                ledger.Append(i % 3 == 0 ? "order-1" : "order-2", "Created", rare ? ["rare:x", "all:1"] : ["all:1"]);
            }

            ledger.Seal();
        }

        if (merged)
            ledger.MergeAll();
        using (var snapshot = ledger.Set.Acquire())
            Assert.Equal(merged ? 1 : 4, snapshot.Runs.Count);
        foreach (var query in new[]
        {
            EventQuery.All,
            EventQuery.Tagged("rare:x", "all:1"),
            EventQuery.Of(new QueryItem { Stream = "order-1", Tags = ["rare:x"] }),
            EventQuery.Of(new QueryItem { Category = "order", Stream = "order-2" }),
            EventQuery.OfTypes("Created", "Never"),
            new EventQuery { Items = [new QueryItem { Tags = ["rare:x"] }, new QueryItem { Stream = "order-1" }] },
        })
        {
            foreach (var (after, before) in new[] { (0L, long.MaxValue), (8_990L, 9_020L), (17_999L, 26_500L), (35_999L, 36_001L) })
            {
                Assert.Equal(ledger.Expect(query, after, before, backward: false), ledger.Find(query, after, before, backward: false));
                Assert.Equal(ledger.Expect(query, after, before, backward: true), ledger.Find(query, after, before, backward: true));
            }
        }

        ledger.AssertLookups();
    }

    [Fact]
    public void Stops_at_the_durable_head()
    {
        using var ledger = new IndexedLedger();
        for (var i = 0; i < 10; i++)
            ledger.Append("order-1", "Created", []);
        Assert.Equal([1, 2, 3, 4], ledger.Find(EventQuery.OfStream("order-1"), 0, long.MaxValue, backward: false, through: 4));
        Assert.Equal([4, 3, 2, 1], ledger.Find(EventQuery.OfStream("order-1"), 0, long.MaxValue, backward: true, through: 4));
    }

    [Fact]
    public void Goes_from_one_index_in_memory_to_the_next()
    {
        using var ledger = new IndexedLedger();
        var sealing = ledger.Active;
        for (var position = 1; position <= 400; position++)
        {
            ledger.Append("order-1", "Created", []);
            if (position == 200)
                sealing = ledger.StartSegment();
        }

        using var snapshot = ledger.Set.Acquire();
        foreach (var backward in new[] { false, true })
        {
            var query = CompiledQuery.Compile(IndexedLedger.Hasher, IndexedLedger.Tenant, EventQuery.OfTypes("Created"));
            var source = new PositionSource(query, snapshot, [sealing, ledger.Active], 3, 398, backward);
            var found = new List<long>();
            while (source.TryNext(out var position))
                found.Add(position);
            Assert.Equal(ledger.Expect(EventQuery.All, 3, 398, backward), found);
        }
    }

    [Fact]
    public void Estimates_no_fewer_matches_than_there_are_and_scales_by_the_window()
    {
        using var ledger = new IndexedLedger();
        for (var i = 0; i < 1_000; i++)
        {
            ledger.Append("order-1", i % 10 == 0 ? "Paid" : "Created", i % 4 == 0 ? ["city:a"] : []);
            if (i == 499)
                ledger.Seal();
        }

        Assert.Equal(1_000, Estimate(EventQuery.All, 0));
        Assert.Equal(100, Estimate(EventQuery.OfTypes("Paid"), 0));
        Assert.Equal(100, Estimate(EventQuery.Of(new QueryItem { Types = ["Paid"], Tags = ["city:a"] }), 0));
        Assert.Equal(50, Estimate(EventQuery.OfTypes("Paid"), 500));
        Assert.Equal(0, Estimate(EventQuery.OfTypes("Never"), 0));

        long Estimate(EventQuery query, long after)
        {
            using var snapshot = ledger.Set.Acquire();
            var compiled = CompiledQuery.Compile(IndexedLedger.Hasher, IndexedLedger.Tenant, query);
            var source = new PositionSource(compiled, snapshot, [ledger.Active], after, long.MaxValue, backward: false);
            return source.EstimatedMatches;
        }
    }

    [Fact]
    public void Says_when_a_query_asks_for_everything()
    {
        Assert.True(Compile(EventQuery.All).NeedsScan);
        Assert.True(Compile(EventQuery.Of(new QueryItem())).NeedsScan);
        Assert.False(Compile(EventQuery.OfTypes("Created")).NeedsScan);

        static CompiledQuery Compile(EventQuery query) => CompiledQuery.Compile(IndexedLedger.Hasher, IndexedLedger.Tenant, query);
    }

    [Fact]
    public void Finds_many_ids_at_once()
    {
        using var ledger = new IndexedLedger();
        for (var segment = 0; segment < 3; segment++)
        {
            for (var i = 0; i < 100; i++)
                ledger.Append("order-1", "Created", []);
            ledger.Seal();
        }

        IndexKey[] ids = [.. new long[] { 250, 999, 1, 150 }.Select(position => IndexedLedger.IdKey(IndexedLedger.IdAt(position)))];
        var positions = new long[4];
        using var snapshot = ledger.Set.Acquire();
        Assert.Equal(3, snapshot.FindIds(ids, positions));
        Assert.Equal([250, 0, 1, 150], positions);
    }

    private static void AnswersLikeAScan(IndexOptions options) => Check(RandomLedgers.Steps, options);

    private static void Check(Gen<Step[]> steps, IndexOptions options) =>
        Prop.ForAll(steps.ToArbitrary(), RandomLedgers.Questions.ToArbitrary(), (played, questions) =>
        {
            using var ledger = RandomLedgers.Play(played, new IndexedLedger(options: options));
            ledger.AssertLookups();
            foreach (var question in questions)
            {
                var after = ledger.Head * question.AfterPercent / 100;
                var before = question.BeforePercent > 100 ? long.MaxValue : ledger.Head * question.BeforePercent / 100;
                Assert.Equal(
                    ledger.Expect(question.Query, after, before, question.Backward),
                    ledger.Find(question.Query, after, before, question.Backward));
                Assert.Equal(
                    ledger.Expect(question.Query, after, long.MaxValue, backward: false).FirstOrDefault(),
                    ledger.FirstMatchAfter(question.Query, after));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(60));
}
