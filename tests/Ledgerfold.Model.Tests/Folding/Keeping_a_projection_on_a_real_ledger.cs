using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Folding;

namespace Ledgerfold.Model.Tests.Folding;

public sealed class Keeping_a_projection_on_a_real_ledger
{
    private const int Writers = 4;
    private const int AppendsEach = 60;

    private readonly Projection<Tally> _tallies = Tally.Projection();
    private int _ids;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_up_with_many_writers_over_restarts_and_never_answers_older_than_a_token()
    {
        using var directory = new EmbeddedDirectory();
        await using var store = new InMemoryFoldStore();
        for (var round = 0; round < 3; round++)
        {
            await using var ledger = directory.Open();
            var engine = new FoldEngine(ledger, store, Tally.Types, [_tallies], new FoldEngineOptions { Parallelism = 3, CachedRowsMax = 4 });
            await engine.Start(Cancel);
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Write(ledger, engine, writer)));

            await engine.WaitUntilCaughtUp(ledger, Cancel);

            Assert.Equal(FoldHealth.Healthy, (await engine.ReadStatus(_tallies, Cancel)).Health);
            if (round == 1)
                await engine.Abandon();
            else
                await engine.DisposeAsync();
            Assert.Empty(await HistoryReplay.CompareWithKept(ledger, Tally.Types, _tallies, store, Cancel));
        }
    }

    [Fact]
    public async Task Catches_up_over_a_long_history_with_lanes_side_by_side()
    {
        using var directory = new EmbeddedDirectory();
        await using var ledger = directory.Open();
        await using var store = new InMemoryFoldStore();
        for (var batch = 0; batch < 20; batch++)
            await Append(ledger, "tally-1", [.. Enumerable.Range(0, 500).Select(n => new Tally.Added($"k{n * 7 % 97}", batch))]);
        await using var engine = new FoldEngine(
            ledger, store, Tally.Types, [_tallies], new FoldEngineOptions { Parallelism = 4, DirtyRowsMax = 50, CachedRowsMax = 60 });

        await engine.Start(Cancel);
        await engine.WaitUntilCaughtUp(ledger, Cancel);

        Assert.Empty(await HistoryReplay.CompareWithKept(ledger, Tally.Types, _tallies, store, Cancel));
    }

    private async Task Write(ILedger ledger, FoldEngine engine, int writer)
    {
        var reader = new Projections(engine).Of(_tallies);
        for (var n = 0; n < AppendsEach; n++)
        {
            var key = $"w{writer}";
            var before = (await reader.Get(key, cancel: Cancel)).OrThrow()?.Sum ?? 0;
            var token = await Append(ledger, $"tally-{n % 3}", new Tally.Added(key, 1), new Tally.Added("shared", 1));
            var after = (await reader.Get(key, Consistency.AtLeast(token, TimeSpan.FromSeconds(30)), cancel: Cancel)).OrThrow()!;
            Assert.True(after.Sum > before);
            Assert.Equal(0, (after.Sum - n - 1) % AppendsEach);
        }
    }

    private async Task<long> Append(ILedger ledger, string stream, params object[] facts)
    {
        var codec = new EventCodec(Tally.Types);
        var events = facts.Select(fact => codec.Encode(fact)).Select(
            one => new NewEvent { Id = new Guid(Interlocked.Increment(ref _ids), 2, 2, new byte[8]), Type = one.Type, Data = one.Data });
        return Assert.IsType<AppendOutcome.Appended>(await ledger.Append(AppendRequest.To(stream, Expectation.Any, [.. events]), Cancel)).Last;
    }
}
