using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests;

/// <summary>
/// The process dies at the entry of its n-th call of a kind; calls are counted by thread, so the first few hit recovery, later ones the
/// writer, the index, or the space ahead, whichever comes first.
/// </summary>
public sealed class Killing_at_a_system_call
{
    public static TheoryData<string, int, int> Calls { get; } = new()
    {
        { "pwrite64", 1, 24 },
        { "fdatasync", 1, 24 },
        { "fsync", 1, 12 },
        { "renameat", 1, 8 },
        { "fallocate", 1, 8 },
        { "unlinkat", 1, 8 },
        { "write", 16, 27 }, // the acknowledgement itself
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Loses_nothing_that_was_acknowledged(string call, int first, int last)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var before = await LeaveCrashedLedger(directory);
        var (killedEarly, killedLater) = (0, 0);
        for (var n = first; n <= last; n++)
        {
            var ledger = Path.Combine(directory.Root, $"killed-{n}");
            Copy(directory.Ledger, ledger);
            await using var child = await WriteUntilKilledAt(call, n, ledger, generation: 2);
            if (child.WasKilled && !child.Lines.Any(line => line.StartsWith("opened ", StringComparison.Ordinal)))
                killedEarly++;
            else if (child.WasKilled)
                killedLater++;
            else
                Assert.Contains("closed", child.Lines); // it makes fewer calls of this kind
            var oath = new Oath();
            oath.Take(before.ToLines());
            oath.Take(child.Lines);

            try
            {
                await OnDisk.Recover(ledger, oath);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Killed at {call} {n} after:\n{string.Join('\n', child.Lines)}", failure);
            }

            Directory.Delete(ledger, recursive: true);
        }

        TestContext.Current.SendDiagnosticMessage($"{call}: killed {killedEarly} times in recovery, {killedLater} times later");
        Assert.True(killedEarly > 0 || first > 1, $"{call} {first} to {last} never hit recovery");
        Assert.True(killedLater > 0, $"{call} {first} to {last} never hit anything but recovery");
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
        string[] options = ["-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={n}"];
        var child = ChildProcess.StartTraced(
            options, "write", ledger, "--generation", $"{generation}", "--tasks", "3", "--appends", "12");
        await child.Ends();
        return child;
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
