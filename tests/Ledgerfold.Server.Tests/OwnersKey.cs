using Ledgerfold.Seams;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests;

/// <summary>
/// A key that may do everything, of an owner who comes in as a real one does but for the work of hashing a password: the same in every test,
/// so that it is good behind a restart as well.
/// </summary>
internal static class OwnersKey
{
    public const string User = "olga";
    public const string Password = "correct horse battery";
    public const string Id = "0123456789abcdef";

    private const string SecretText = "5ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7e75ec7";

    public static string Text => new KeyText(Id, SecretText).Reveal();

    /// <summary>Makes owner and key, where nobody can come in yet.</summary>
    public static async Task SeeTo(IServiceProvider services)
    {
        var (watch, desk, clock) = (services.GetRequiredService<PolicyWatch>(), services.GetRequiredService<PolicyDesk>(), services.GetRequiredService<TimeProvider>());
        if (!watch.Current.AreUnclaimed)
            return;
        var link = Secret.DigestOf("once");
        await Do(desk, new IssueOwnerLink(link, clock.GetUtcNow().AddHours(1)), Origin.Server);
        await Do(desk, new BecomeOwner(link, User, PasswordHash.Of(Password, SystemChance.Instance, 1)), Origin.Server);
        await Do(
            desk,
            new IssueKey(Id, "tests", User, BuiltInRoles.Owner.Permissions, clock.GetUtcNow().AddDays(366), Secret.DigestOf(SecretText)),
            OwnerOf(services));
    }

    /// <summary>The owner, as somebody who signed in.</summary>
    public static Origin OwnerOf(IServiceProvider services)
    {
        var owner = services.GetRequiredService<PolicyWatch>().Current.Users[User];
        return new Origin(new Caller.Person(User, owner.Stamp, DateTimeOffset.MaxValue), "test");
    }

    public static async Task Do(PolicyDesk desk, PolicyCommand command, Origin origin) =>
        Assert.IsType<PolicyAnswer.Done>(await desk.Carry(command, origin, TestContext.Current.CancellationToken));
}
