using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Racing_on_a_real_disk
{
    private static readonly string[] Accounts = ["a", "b", "c", "d"];

    /// <summary>
    /// Many threads, two processes' worth of memory, every command sent twice, all of it again after a restart: each happens once, and no
    /// money comes or goes by itself.
    /// </summary>
    [Fact]
    public async Task Does_each_command_once_and_conserves_what_it_moves()
    {
        using var directory = new EmbeddedDirectory();
        await using var folds = new InMemoryFoldStore();
        var random = new SeededRandom(7);
        var all = Enumerable.Range(0, 400).Select(n => (Command: Draw(random), Origin: new CommandOrigin { Id = new Guid(n + 1, 0, 0, new byte[8]) }))
            .ToArray();
        string[] before;
        await using (var ledger = directory.Open())
        {
            Commands[] processes = [Start(ledger, folds), Start(ledger, folds)];
            var sent = all.Concat(all).Select((one, index) => Task.Run(() => processes[index % 2].Tell(one.Command, one.Origin))).ToArray();
            var answers = await Task.WhenAll(sent);
            Assert.DoesNotContain(answers, one => one.Kind is not ("accepted" or "rejected"));
            before = [.. answers.Take(all.Length).Select(Essence)];
            Assert.Equal(before, answers.Skip(all.Length).Select(Essence));
            foreach (var process in processes)
                await process.DisposeAsync();
        }

        await using var reopened = directory.Open();
        var later = Start(reopened, folds);
        Assert.Equal(before, (await Task.WhenAll(all.Select(one => later.Tell(one.Command, one.Origin)))).Select(Essence));
        var deposited = all.Where((one, index) => one.Command is Deposit && before[index][0] != 'r').Sum(one => ((Deposit)one.Command).Amount);
        long total = 0;
        foreach (var account in Accounts)
        {
            var state = await reopened.Replay(Account.Decider, Modules.Bank.EventTypes, account);
            Assert.True(state.Balance >= 0);
            total += state.Balance;
        }

        Assert.Equal(deposited, total);
    }

    private static Commands Start(ILedger ledger, IFoldStore folds) => new(Modules.Bank, ledger, new CommandsOptions { Folds = folds, TriesMax = 50 });

    private static object Draw(SeededRandom random) => random.Below(3) == 0
        ? new Deposit(Accounts[random.Below(4)], random.Below(30))
        : new Transfer(Accounts[random.Below(2)], Accounts[2 + random.Below(2)], 1 + random.Below(10));

    private static string Essence(CommandAnswer answer) => answer switch
    {
        CommandAnswer.Accepted accepted => $"{accepted.Token} {string.Join(',', accepted.Versions)}",
        CommandAnswer.Rejected rejected => $"r {rejected.Code}",
        _ => answer.ToString(),
    };
}
