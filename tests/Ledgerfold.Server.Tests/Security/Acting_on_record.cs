using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Serving;
using Ledgerfold.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Acting_on_record
{
    private static readonly AuditAct Act = new("rebuild-projection", "projection:orders", Reason: "to be sure");

    [Fact]
    public async Task Is_recorded_before_it_is_done()
    {
        await using var world = await SecurityWorld.Owned();
        var recorded = 0;

        await Context(world).Act(Act, async () =>
        {
            recorded = (await world.Audited()).Count(static one => one is AuditEvent.Acted { Act.What: "rebuild-projection", Outcome: "asked" });
            return Results.Ok();
        });

        Assert.Equal(1, recorded);
    }

    [Fact]
    public async Task Is_not_done_where_it_cannot_be_recorded()
    {
        var clock = new ManualClock();
        var ledger = new FaultyLedger(new InMemoryLedger(clock));
        await using var world = await SecurityWorld.Owned(ledger, clock);
        var isDone = false;
        ledger.Fail(LedgerCall.Append, new IOException("the disk is gone"));

        var answer = await Context(world).Act(Act, () =>
        {
            isDone = true;
            return Task.FromResult(Results.Ok());
        });

        Assert.False(isDone);
        Assert.Equal("read-only", Assert.IsType<Ledgerfold.Http.Problems.Refusal>(answer).Code);
    }

    private static DefaultHttpContext Context(SecurityWorld world)
    {
        var services = new ServiceCollection().AddSingleton(world.Audit).BuildServiceProvider();
        return new DefaultHttpContext { RequestServices = services, User = world.Owner.Caller.AsPrincipal(Schemes.Key) };
    }
}
