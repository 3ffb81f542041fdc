using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Tests.Index;

public class Staging_events_in_memory
{
    [Fact]
    public void Shows_ids_streams_and_offsets_at_once()
    {
        var index = new MemoryIndex(100);
        Assert.Equal(100, index.Stage(Id(1), Stream("order-1"), 7, closes: false, 4_000, [Tag("a:1")]));
        Assert.Equal(101, index.Stage(Id(2), Stream("order-1"), 8, closes: true, 5_000, []));
        Assert.True(index.TryFindId(Id(2), out var position));
        Assert.Equal(101, position);
        Assert.False(index.TryFindId(Id(3), out _));
        Assert.True(index.TryFindStream(Stream("order-1"), out var entry));
        Assert.Equal(new StreamEntry(7, 8, Closed: true), entry);
        Assert.False(index.TryFindStream(Stream("order-2"), out _));
        Assert.Equal(5_000u, index.OffsetOf(101));
        Assert.Equal((100, 101, 2), (index.FirstPosition, index.LastPosition, index.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.OffsetOf(102));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.OffsetOf(99));
    }

    [Fact]
    public void Stages_the_events_of_an_append_under_one_lock()
    {
        var index = new MemoryIndex(1);
        using (var staging = index.BeginStaging())
        {
            Assert.Equal(1, staging.Add(Id(1), Stream("order-1"), 1, closes: false, 0, []));
            Assert.Equal(2, staging.Add(Id(2), Stream("order-1"), 2, closes: false, 0, []));
        }

        Assert.Equal(2, index.LastPosition);
    }

    [Fact]
    public void Files_the_other_keys_when_somebody_needs_them()
    {
        var index = new MemoryIndex(1);
        for (var i = 1; i <= 3_000; i++)
            index.Stage(Id(i), Stream("order-1"), i, closes: false, 0, [Tag("all:1"), Tag($"mod:{i % 7}"), Tag("all:1")]);
        Assert.Equal(3_000, index.Backlog);
        Assert.True(index.TryFindMatchAfter(Compile(EventQuery.Tagged("mod:3")), 2_000, out var position));
        Assert.Equal(2_005, position);
        Assert.Equal(0, index.Backlog);
        Assert.Equal(3_000, index.Estimate(Compile(EventQuery.Tagged("all:1"))));
    }

    [Fact]
    public void Decides_a_condition_by_the_last_position_of_its_key()
    {
        var index = new MemoryIndex(1);
        index.Stage(Id(1), Stream("order-1"), 1, closes: false, 0, [Tag("vendor:1")]);
        index.Stage(Id(2), Stream("order-1"), 2, closes: false, 0, [Tag("vendor:2")]);
        var query = Compile(EventQuery.Tagged("vendor:1"));
        Assert.True(index.TryFindMatchAfter(query, 0, out var position));
        Assert.Equal(1, position);
        Assert.False(index.TryFindMatchAfter(query, 1, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        index.TryFindMatchAfter(query, 1, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Stages_nothing_more_once_sealed()
    {
        var index = new MemoryIndex(1);
        index.Seal();
        Assert.Throws<InvalidOperationException>(() => index.Stage(Id(1), Stream("order-1"), 1, closes: false, 0, []));
    }

    [Fact]
    public void Is_asked_by_many_threads_while_one_stages()
    {
        const int Events = 60_000;
        var index = new MemoryIndex(1);
        var wrong = 0;
        var readers = Enumerable.Range(0, 3).Select(r => new Thread(() =>
        {
            var query = Compile(EventQuery.Tagged("third:0"));
            var found = new long[64];
            for (var seen = 0L; seen < Events;)
            {
                seen = index.LastPosition;
                if (seen == 0)
                    continue;
                var count = index.Match(query, 0, seen + 1, backward: true, found);
                if (count != Math.Min(64, seen / 3) || (count > 0 && found[0] != seen / 3 * 3))
                    Interlocked.Increment(ref wrong);
                if (!index.TryFindId(Id((int)seen), out var position) || position != seen)
                    Interlocked.Increment(ref wrong);
            }
        })).ToArray();
        foreach (var reader in readers)
            reader.Start();
        for (var i = 1; i <= Events; i++)
            index.Stage(Id(i), Stream($"order-{i % 100}"), i, closes: false, 0, [Tag($"third:{i % 3}")]);
        foreach (var reader in readers)
            reader.Join();
        Assert.Equal(0, wrong);
    }

    private static IndexKey Id(int number) => IndexedLedger.IdKey(IndexedLedger.IdAt(number));

    private static IndexKey Stream(string stream) => IndexedLedger.StreamKey(stream);

    private static IndexKey Tag(string tag) => IndexedLedger.Hasher.OfTag(IndexedLedger.Tenant, tag);

    private static CompiledQuery Compile(EventQuery query) => CompiledQuery.Compile(IndexedLedger.Hasher, IndexedLedger.Tenant, query);
}
