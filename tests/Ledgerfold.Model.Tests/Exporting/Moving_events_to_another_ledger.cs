using Ledgerfold.Model.Exporting;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exporting;

public sealed class Moving_events_to_another_ledger
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 12).Select(seed => (ulong)seed)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Keeps_everything_but_position_and_time(ulong seed)
    {
        var first = await RandomHistory.Of(seed, 20);
        await using var second = new InMemoryLedger();
        var file = await first.Export();

        var counts = await second.Imports(file);

        Assert.Equal(Files.Events(file).Length, counts.Appended);
        Assert.Equal(Files.Essence(file), Files.Essence(await second.Export()));
        Assert.Equal(await Said(first), await Said(second));
        Assert.True((await second.Verify(file)).IsSame);

        static async Task<IEnumerable<(Guid, string, string)>> Said(ILedger ledger) =>
            (await ledger.All(RandomHistory.Everything)).Select(one => (one.Id, one.ContentType, Convert.ToHexString(one.Data.Span)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Keeps_them_over_a_real_directory_and_back(ulong seed)
    {
        using var directory = new EmbeddedDirectory();
        var first = await RandomHistory.Of(seed, 12);
        var file = await first.Export();

        byte[] again;
        await using (var second = directory.Open())
        {
            await second.Imports(file);
            again = await second.Export();
            Assert.True((await second.Verify(file)).IsSame);
        }

        Assert.Equal(Files.Essence(file), Files.Essence(again));
        Assert.Equal(Files.Essence(file).Length, (await first.Imports(again)).Found); // where they came from, nothing happens
        await using var third = new InMemoryLedger();
        await third.Imports(again);
        Assert.Equal(Files.Essence(file), Files.Essence(await third.Export()));
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task Keeps_tenants_apart(ulong seed)
    {
        var tenants = new[] { "default", "other/é", "third" };
        var first = await RandomHistory.Of(seed, 20, tenants);
        await using var second = new InMemoryLedger();

        await second.Imports(await first.Export(new ExportRequest { Tenant = null, Query = RandomHistory.Everything }));

        foreach (var tenant in tenants)
        {
            var only = new ExportRequest { Tenant = tenant, Query = RandomHistory.Everything };
            Assert.Equal(Files.Essence(await first.Export(only)), Files.Essence(await second.Export(only)));
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task Writes_nothing_but_cloud_events(ulong seed)
    {
        var ledger = await RandomHistory.Of(seed, 20, "default", "a b/ü");

        var file = await ledger.Export(new ExportRequest { Ledger = "my ledger/1", Tenant = null, Query = RandomHistory.Everything });

        Assert.All(Files.Lines(file), CloudEventRules.Check);
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task Goes_on_with_the_next_range(ulong seed)
    {
        var first = await RandomHistory.Of(seed, 20);
        var head = (await first.ReadRange(TestContext.Current.CancellationToken)).Head;
        await using var second = new InMemoryLedger();

        for (long after = 0; after < head; after += 7)
            await second.Imports(await first.Export(new ExportRequest { Query = RandomHistory.Everything, After = after, Before = after + 8 }));

        Assert.Equal(Files.Essence(await first.Export()), Files.Essence(await second.Export()));
    }

    [Fact]
    public async Task Is_harmless_when_repeated_under_any_name_and_size()
    {
        var first = await RandomHistory.Of(7, 30);
        await using var second = new InMemoryLedger();
        var file = await first.Export();
        var events = (await second.Imports(file)).Appended;

        Assert.Equal(new ImportCounts(0, 0, events, 0), await second.Imports(file));
        Assert.Equal(new ImportCounts(0, events, 0, 0), await second.Imports(file, Files.Any with { Name = "another", AppendEventsMax = 3 }));
        Assert.Equal(Files.Essence(file), Files.Essence(await second.Export()));
    }

    [Fact]
    public async Task Keeps_where_an_event_was_and_when_in_headers_of_its_own()
    {
        await using var first = new InMemoryLedger();
        var item = new NewEvent { Id = Guid.NewGuid(), Type = "A", Data = "{}"u8.ToArray(), Headers = [new("note", "n")] };
        await first.Append(AppendRequest.To("order-1", Expectation.Any, item), TestContext.Current.CancellationToken);
        await using var second = new InMemoryLedger();
        await second.Imports(await first.Export(new ExportRequest { Ledger = "L1" }));

        var was = Assert.Single(await first.All());
        var recorded = Assert.Single(await second.All());

        Assert.Equal(
            [new("note", "n"), new("ledgerfold-source", "/ledgers/L1/tenants/default"), new("ledgerfold-position", "1"), new("ledgerfold-recorded-at", Times.ToText(was.RecordedAt))],
            recorded.Headers);
        Assert.Null(recorded.EffectiveAt);
    }

    [Fact]
    public async Task Takes_the_recorded_time_as_effective_time_where_told()
    {
        var first = await RandomHistory.Of(3, 10);
        await using var second = new InMemoryLedger();
        var file = await first.Export();
        await second.Imports(file, Files.Any with { TimeAsEffective = true });

        var was = await first.All(RandomHistory.Everything);
        var now = await second.All(RandomHistory.Everything);

        Assert.Equal(was.Select(one => one.EffectiveAt ?? one.RecordedAt), now.Select(one => one.EffectiveAt!.Value));
        Assert.True((await second.Verify(file)).IsSame);
        Assert.Equal(was.Count, (await second.Imports(file, Files.Any with { Name = "again" })).Found);
    }

    [Fact]
    public async Task Goes_into_a_tenant_of_choice()
    {
        var first = await RandomHistory.Of(3, 10);
        await using var second = new InMemoryLedger();

        await second.Imports(await first.Export(), Files.Any with { Tenant = "moved" });

        Assert.Empty(await second.All(RandomHistory.Everything));
        Assert.Equal((await first.All(RandomHistory.Everything)).Select(one => one.Id), (await second.All(RandomHistory.Everything, "moved")).Select(one => one.Id));
    }
}
