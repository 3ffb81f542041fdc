using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests;

/// <summary>
/// The process dies at the entry of its n-th call of a kind. Calls are counted by thread: traced from its start, the first few hit
/// recovery; traced once the ledger is open, they hit the writer, the index, or the space ahead, whichever comes first.
/// </summary>
public sealed class Killing_at_a_system_call
{
    [Theory]
    [InlineData("pwrite64", 12)]
    [InlineData("fdatasync", 12)]
    [InlineData("fsync", 8)]
    [InlineData("renameat", 1)]
    [InlineData("fallocate", 2)]
    [InlineData("unlinkat", 4)]
    public async Task Loses_nothing_in_recovery(string call, int last)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var before = await LeaveCrashedLedger(directory);
        var killedWhileOpening = 0;
        for (var n = 1; n <= last; n++)
        {
            var ledger = Path.Combine(directory.Root, $"killed-{n}");
            Copy(directory.Ledger, ledger);
            await using var child = await WriteUntilKilledAt(call, n, ledger, generation: 2);
            if (child.WasKilled && !child.Lines.Any(line => line.StartsWith("opened ", StringComparison.Ordinal)))
                killedWhileOpening++;
            await HoldAgainst(before, child, ledger, $"{call} {n}");
        }

        Assert.True(killedWhileOpening > 0, $"{call} 1 to {last} never hit recovery");
    }

    [Theory]
    [InlineData("pwrite64", 16)]
    [InlineData("fdatasync", 16)]
    [InlineData("fsync", 8)]
    [InlineData("renameat", 8)]
    [InlineData("fallocate", 6)]
    [InlineData("unlinkat", 6)]
    [InlineData("write", 12)] // the acknowledgement itself
    public async Task Loses_nothing_while_it_writes(string call, int last)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var before = await LeaveCrashedLedger(directory);
        var killed = 0;
        for (var n = 1; n <= last; n++)
        {
            var ledger = Path.Combine(directory.Root, $"killed-{n}");
            Copy(directory.Ledger, ledger);
            await using var child = ChildProcess.Start(
                "write", ledger, "--generation", "2", "--tasks", "3", "--appends", "30", "--wait", "true");
            await child.Says("opened ");
            await child.Trace(KillingAt(call, n));
            child.GoOn();
            await child.Ends();
            if (child.WasKilled)
                killed++;
            else
                Assert.Contains("closed", child.Lines); // it makes fewer calls of this kind
            await HoldAgainst(before, child, ledger, $"{call} {n}");
        }

        Assert.True(killed > 0, $"{call} 1 to {last} was never reached");
    }

    [Theory]
    [InlineData("pwrite64")]
    [InlineData("fdatasync")]
    [InlineData("fsync")]
    [InlineData("unlinkat")]
    public async Task Loses_nothing_when_one_recovery_after_the_other_is_killed(string call)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var oath = await LeaveCrashedLedger(directory);
        for (var n = 1; n <= 10; n++)
        {
            await using var child = await WriteUntilKilledAt(call, 1 + (n * 3 % 7), directory.Ledger, generation: 1 + n);
            oath.Take(child.Lines);
        }

        await OnDisk.Recover(directory.Ledger, oath);
    }

    private static async Task<ChildProcess> WriteUntilKilledAt(string call, int n, string ledger, int generation)
    {
        var child = ChildProcess.StartTraced(
            KillingAt(call, n), "write", ledger, "--generation", $"{generation}", "--tasks", "3", "--appends", "12");
        await child.Ends();
        return child;
    }

    private static string[] KillingAt(string call, int n) =>
        ["-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={n}"];

    private static async Task HoldAgainst(Oath before, ChildProcess child, string ledger, string where)
    {
        var oath = new Oath();
        oath.Take(before.ToLines());
        oath.Take(child.Lines);
        try
        {
            await OnDisk.Recover(ledger, oath);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Killed at {where} after:\n{string.Join('\n', child.Lines)}", failure);
        }

        Directory.Delete(ledger, recursive: true);
    }

    /// <summary>A ledger of several segments whose last batch was acknowledged and is not vouched for.</summary>
    private static async Task<Oath> LeaveCrashedLedger(TestDirectory directory)
    {
        OnDisk.Create(directory.Ledger);
        await using var child = ChildProcess.Start(
            "write", directory.Ledger, "--generation", "1", "--tasks", "1", "--appends", "40", "--stay", "true", "--vouch-seconds", "3600");
        await child.Says("finished");
        await child.Kill();
        return Swearing.Of(child);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
