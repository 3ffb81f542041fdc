using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;

namespace Marketplace.Tests;

/// <summary>A command that breaks a rule of input is refused for one of its members, and nothing is appended.</summary>
internal static class Refusal
{
    public static async Task IsFor(string field, Module module, object command)
    {
        await using var ledger = new InMemoryLedger();
        await using var commands = new Commands(module, ledger);

        var answer = await commands.Send(command, new CommandOrigin { Id = new Guid(1, 0, 0, new byte[8]) }, TestContext.Current.CancellationToken);

        Assert.Equal(field, Assert.IsType<CommandAnswer.Invalid>(answer).Field);
        Assert.Equal(0, (await ledger.ReadRange(TestContext.Current.CancellationToken)).Head);
    }
}
