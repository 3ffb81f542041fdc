using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Tests.Index;

/// <summary>Measures the heap of the whole process, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(Holding_many_events_in_memory), DisableParallelization = true)]
[Collection(nameof(Holding_many_events_in_memory))]
public sealed class Holding_many_events_in_memory
{
    [Fact]
    public void Takes_at_most_150_bytes_an_event()
    {
        const int Events = 200_000;
        IndexKey[] types = [.. Enumerable.Range(0, 20).Select(i => IndexedLedger.Hasher.OfType(IndexedLedger.Tenant, $"Type{i}"))];
        IndexKey[] tags = [.. Enumerable.Range(0, 1_000).Select(i => Tag($"item:{i}"))];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new MemoryIndex(1);
        for (var i = 0; i < Events; i++)
        {
            index.Stage(
                Id(i), Stream($"order-{i / 6}"), i % 6, closes: false, 0,
                [types[i % 20], tags[i % 1_000], tags[i % 100], Tag($"correlation:{i / 6}")]);
        }

        index.Seal();
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(index);
        Assert.InRange(taken / (double)Events, 20, 150);
    }

    private static IndexKey Id(int number) => IndexedLedger.IdKey(IndexedLedger.IdAt(number));

    private static IndexKey Stream(string stream) => IndexedLedger.StreamKey(stream);

    private static IndexKey Tag(string tag) => IndexedLedger.Hasher.OfTag(IndexedLedger.Tenant, tag);
}
