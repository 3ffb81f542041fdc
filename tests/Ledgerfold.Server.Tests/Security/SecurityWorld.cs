using System.Collections.Immutable;
using Ledgerfold.Seams;
using Ledgerfold.Server.Security;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Testing;

namespace Ledgerfold.Server.Tests.Security;

/// <summary>A ledger in memory, a clock that stands still, and everything that guards.</summary>
internal sealed class SecurityWorld : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private SecurityWorld(ILedger ledger, ManualClock clock, SecurityOptions options)
    {
        (Ledger, Clock, Options) = (ledger, clock, options);
        Watch = new PolicyWatch(ledger, clock);
        Audit = new AuditLog(ledger, clock, options.Chance, options.Audit);
        Desk = new PolicyDesk(ledger, Watch, Audit, clock, options.Chance);
        Keys = new KeyOffice(Desk, options.Chance);
        SignIn = new SignIn(Watch, Desk, Audit, options);
        FirstStart = new FirstStart(Watch, Desk, Audit, options);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ILedger Ledger { get; }

    public ManualClock Clock { get; }

    public SecurityOptions Options { get; }

    public PolicyWatch Watch { get; }

    public AuditLog Audit { get; }

    public PolicyDesk Desk { get; }

    public KeyOffice Keys { get; }

    public SignIn SignIn { get; }

    public FirstStart FirstStart { get; }

    /// <summary>The owner, signed in; once there is one.</summary>
    public Origin Owner { get; private set; } = Origin.Server;

    /// <summary>Few rounds, because most tests are not about them.</summary>
    public static SecurityOptions Quick(TimeProvider clock, string directory = "", IChance? chance = null) => new()
    {
        Directory = directory,
        Clock = clock,
        Chance = chance ?? new SeededChance(7),
        Passwords = new PasswordRules { Rounds = 1 },
    };

    public static async Task<SecurityWorld> Unclaimed(ILedger? ledger = null, ManualClock? clock = null, SecurityOptions? options = null)
    {
        clock ??= new ManualClock();
        var world = new SecurityWorld(ledger ?? new InMemoryLedger(clock), clock, options ?? Quick(clock));
        await world.Watch.Start(Cancel);
        return world;
    }

    /// <summary>With the owner <c>olga</c>.</summary>
    public static async Task<SecurityWorld> Owned(ILedger? ledger = null, ManualClock? clock = null, SecurityOptions? options = null)
    {
        var world = await Unclaimed(ledger, clock, options);
        Assert.IsType<PolicyAnswer.Done>(
            await world.FirstStart.Redeem(await world.OwnerToken(), "olga", Password, From("192.0.2.1"), Cancel));
        world.Owner = await world.In("olga");
        return world;
    }

    public static Origin From(string source, Caller? caller = null) => new(caller ?? Caller.Nobody, source, "trace-1");

    /// <summary>The token of the link that a start prints.</summary>
    public async Task<string> OwnerToken()
    {
        await using var error = new StringWriter();
        Assert.IsType<PolicyAnswer.Done>(await FirstStart.Offer(new Uri("http://127.0.0.1:5000"), error, Cancel));
        return error.ToString().Split('#')[1].Trim();
    }

    /// <summary>Somebody who signs in.</summary>
    public async Task<Origin> In(string user, string password = Password, string source = "192.0.2.2") =>
        From(source, Assert.IsType<SignInAnswer.Entered>(await SignIn.Enter(user, password, From(source), Cancel)).Person);

    /// <summary>What the owner does.</summary>
    public async Task Do(params PolicyCommand[] commands)
    {
        foreach (var command in commands)
            Assert.IsType<PolicyAnswer.Done>(await Desk.Carry(command, Owner, Cancel));
    }

    /// <summary>A user with a password and roles.</summary>
    public async Task User(string name, params string[] roles)
    {
        await Do(new CreateUser(name), new SetPassword(name, PasswordHash.Of(Password, Options.Chance, 1)));
        await Do([.. roles.Select(role => new GrantRole(name, role))]);
    }

    public async Task<string> Key(string user, TimeSpan life, params ImmutableArray<Permission> scope)
    {
        var key = await Keys.Issue(user, "a program", scope, Clock.GetUtcNow() + life, Owner, Cancel);
        Assert.IsType<PolicyAnswer.Done>(key.Answer);
        return key.Key!;
    }

    public Caller.Key? CallerOf(string key) => KeyText.Parse(key)?.Find(Watch.Current, Clock.GetUtcNow());

    /// <summary>What the audit says.</summary>
    public async Task<List<AuditEvent>> Audited()
    {
        var found = new List<AuditEvent>();
        var request = new ReadRequest { Tenant = Platform.Tenant, Query = EventQuery.OfCategory(Platform.Audit) };
        await foreach (var page in Ledger.Read(request, Cancel))
            found.AddRange(page.Events.Select(AuditRecords.Read));
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await Audit.DisposeAsync();
        await Watch.DisposeAsync();
        SignIn.Dispose();
        await Ledger.DisposeAsync();
    }
}
