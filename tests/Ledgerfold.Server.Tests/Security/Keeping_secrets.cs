using System.Text;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;
using Ledgerfold.Testing;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Keeping_secrets : IDisposable
{
    private readonly string _path = Path.Combine(AppContext.BaseDirectory, "data", Path.GetRandomFileName());

    [Fact]
    public async Task Leaves_none_in_the_files_of_the_ledger()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        EmbeddedLedger.Create(new EmbeddedLedgerOptions { Disk = new LinuxDisk(_path) });
        var clock = new ManualClock();
        string[] secrets;
        await using (var world = await Unclaimed(EmbeddedLedger.Open(new EmbeddedLedgerOptions { Disk = new LinuxDisk(_path) }), clock))
        {
            var token = await world.OwnerToken();
            await world.FirstStart.Redeem(new string('0', token.Length), "eve", "a password of eve's", From("a"), Cancel);
            await world.FirstStart.Redeem(token, "olga", Password, From("a"), Cancel);
            var olga = await world.In("olga");
            await world.SignIn.SetPassword("olga", "another long password", Password, olga, Cancel);
            await world.SignIn.Enter("olga", "a wrong one altogether", From("a"), Cancel);
            olga = await world.In("olga", "another long password");
            var key = await world.Keys.Issue(
                "olga", "a program", [Permission.Allow(Right.Read)], clock.GetUtcNow().AddDays(1), olga, Cancel);
            await world.Desk.Carry(new CreateUser("nobody"), From("b", world.CallerOf(key.Key!)!), Cancel);
            secrets = [token, key.Key!, key.Key![20..], Password, "another long password", "a wrong one altogether", "a password of eve's"];
        }

        var bytes = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories))
            bytes.Append(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancel)));
        var text = bytes.ToString();
        Assert.Contains("olga", text, StringComparison.Ordinal);
        Assert.Contains("KeyDigestKept", text, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Keeps_what_they_are_checked_against_apart_from_what_may_be_read()
    {
        await using var world = await Owned();
        await world.User("shop", "reader");
        var key = await world.Key("shop", TimeSpan.FromDays(1), Permission.Allow(Right.Read));
        var caller = world.CallerOf(key)!;
        string[] digests = [world.Watch.Current.Keys[caller.Id].Digest, world.Watch.Current.Users["olga"].Password!.Hash];

        var request = new ReadRequest
        {
            Tenant = Platform.Tenant,
            Query = new EventQuery { Items = [new QueryItem { Category = Platform.Access }, new QueryItem { Category = Platform.Audit }] },
        };
        var readable = new StringBuilder();
        await foreach (var page in world.Ledger.Read(request, Cancel))
        {
            foreach (var recorded in page.Events)
                readable.AppendLine(Encoding.UTF8.GetString(recorded.Data.Span)).AppendJoin(' ', recorded.Tags);
        }

        Assert.All(digests, digest => Assert.DoesNotContain(digest, readable.ToString(), StringComparison.Ordinal));
    }

    public void Dispose()
    {
        if (Directory.Exists(_path))
            Directory.Delete(_path, recursive: true);
    }
}
