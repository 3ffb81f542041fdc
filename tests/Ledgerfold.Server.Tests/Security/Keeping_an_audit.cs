using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Testing;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Keeping_an_audit
{
    private static readonly AuditAct Rebuild = new("rebuild-projection", "projection:orders", "acme", "it was wrong");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Says_who_did_what_on_what_from_where_and_why()
    {
        await using var world = await Unclaimed();
        var origin = From("192.0.2.7", new Caller.Key("0011", "shop"));

        Assert.True(await world.Audit.Acted(origin, Rebuild, "done", Cancel));

        var said = Assert.IsType<AuditEvent.Acted>(Assert.Single(await world.Audited()));
        Assert.Equal(new AuditWho("key:0011", "shop", "192.0.2.7", "trace-1"), said.Who);
        Assert.Equal((Rebuild, "done"), (said.Act, said.Outcome));
    }

    [Fact]
    public async Task Can_be_searched_by_who_and_by_what()
    {
        await using var world = await Unclaimed();
        await world.Audit.Acted(From("a", new Caller.Key("0011", "shop")), Rebuild, "done", Cancel);
        await world.Audit.Acted(From("a", new Caller.Key("0022", "shop")), Rebuild with { On = "projection:stock" }, "done", Cancel);

        foreach (var tag in (string[])["who:key:0011", "on:projection:stock"])
        {
            var request = new ReadRequest
            {
                Tenant = "$platform",
                Query = EventQuery.Of(new QueryItem { Category = "$audit", Tags = [tag, "act:rebuild-projection", "tenant:acme"] }),
            };
            var found = new List<RecordedEvent>();
            await foreach (var page in world.Ledger.Read(request, Cancel))
                found.AddRange(page.Events);
            Assert.Single(found);
        }
    }

    [Fact]
    public async Task Records_denials_up_to_a_rate_and_counts_the_rest()
    {
        await using var world = await Unclaimed();
        var loud = From("a", new Caller.Key("0011", "shop"));
        var quiet = From("a", new Caller.Key("0022", "shop"));
        var max = world.Options.Audit.DenialsPerMinute;

        for (var d = 0; d < max + 12; d++)
            await world.Audit.Denied(loud, Rebuild, "not given", Cancel);
        await world.Audit.Denied(quiet, Rebuild, "not given", Cancel);
        Assert.Equal(max + 1, (await world.Audited()).Count);
        world.Clock.Advance(Minute);
        await world.Audit.Flushed;
        await world.Audit.Denied(loud, Rebuild, "not given", Cancel);

        var audited = await world.Audited();
        Assert.Equal(max + 1, audited.OfType<AuditEvent.Denied>().Count(static one => one.Who.Name == "key:0011"));
        Assert.Single(audited.OfType<AuditEvent.Denied>(), static one => one.Who.Name == "key:0022");
        var omitted = Assert.Single(audited.OfType<AuditEvent.DenialsOmitted>());
        Assert.Equal(("key:0011", 12L), (omitted.Name, omitted.Count));
    }

    [Fact]
    public async Task Counts_those_who_are_not_known_by_address_and_minute()
    {
        await using var world = await Unclaimed();
        foreach (var source in (string[])["a", "b", "a", "a"])
            await world.Audit.Denied(From(source), Rebuild, "nobody", Cancel);
        Assert.Empty(await world.Audited());
        world.Clock.Advance(Minute);
        await world.Audit.Denied(From("b"), Rebuild, "nobody", Cancel);
        world.Clock.Advance(Minute);
        world.Clock.Advance(Minute);
        await world.Audit.Flushed;

        var minutes = (await world.Audited()).Cast<AuditEvent.AnonymousDenied>().ToList();
        Assert.Equal(2, minutes.Count);
        Assert.Equal([new DeniedFrom("a", 3), new DeniedFrom("b", 1)], minutes[0].Sources);
        Assert.Equal([new DeniedFrom("b", 1)], minutes[1].Sources);
        Assert.Equal(minutes[0].Minute + Minute, minutes[1].Minute);
    }

    [Fact]
    public async Task Tells_a_bounded_number_of_addresses_apart()
    {
        await using var world = await Unclaimed();
        var max = world.Options.Audit.SourcesMax;
        for (var source = 0; source < max + 5; source++)
            await world.Audit.Denied(From($"s{source}"), Rebuild, "nobody", Cancel);
        await world.Audit.Denied(From("s0"), Rebuild, "nobody", Cancel);
        world.Clock.Advance(Minute);
        await world.Audit.Flushed;

        var said = Assert.IsType<AuditEvent.AnonymousDenied>(Assert.Single(await world.Audited()));
        Assert.Equal((max, 5L, new DeniedFrom("s0", 2)), (said.Sources.Length, said.FromOthers, said.Sources[0]));
    }

    [Fact]
    public async Task Writes_what_was_counted_when_it_is_closed()
    {
        await using var world = await Unclaimed();
        await world.Audit.Denied(From("a"), Rebuild, "nobody", Cancel);

        await world.Audit.DisposeAsync();

        Assert.Single(await world.Audited());
    }

    [Fact]
    public async Task Says_when_it_could_not_be_written()
    {
        await using var world = await Unclaimed();
        var faulty = new FaultyLedger(world.Ledger, leaveOpen: true);
        faulty.Answer(new AppendOutcome.ReadOnly("for a test"), times: 3);
        await using var audit = new AuditLog(faulty, world.Clock, world.Options.Chance);

        Assert.False(await audit.Acted(From("a", new Caller.Key("0011", "shop")), Rebuild, "done", Cancel));
        Assert.Equal(1, audit.Lost);
        Assert.Equal(0, faulty.Waiting);
    }

    [Fact]
    public async Task Cuts_what_is_too_long()
    {
        await using var world = await Unclaimed();
        var act = new AuditAct(new string('w', 5_000), new string('o', 255) + "😀", new string('t', 5_000), new string('r', 5_000));

        Assert.True(await world.Audit.Acted(From(new string('s', 5_000), new Caller.Key("0011", "shop")), act, "done", Cancel));

        Assert.Equal(new string('o', 255), Assert.IsType<AuditEvent.Acted>(Assert.Single(await world.Audited())).Act.On);
    }
}
