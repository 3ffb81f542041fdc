using Ledgerfold.Storage;

namespace Ledgerfold.Durability.Child;

/// <summary>
/// Opens the ledger, holds it against the oath, asks again for what was left open, and then appends from several tasks, saying <c>try</c>
/// before and <c>ack</c> after each. When the ledger takes no more, it still reads, and ends in good order.
/// </summary>
internal sealed class Writing(Order order, Voice voice, EmbeddedLedger ledger)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(20);

    private int _waiting;

    public static async Task<int> Run(Order order, Voice voice)
    {
        voice.Say("opening");
        await using var ledger = EmbeddedLedger.Open(order.ToOptions());
        var (recovery, head) = (ledger.Recovery, (await ledger.ReadRange()).Head);
        voice.Say($"opened {head} closed={recovery.WasClosed} dropped={recovery.DroppedBytes} rewritten={recovery.RewrittenEvents}");
        if (ledger.Health.Trouble is { } trouble)
        {
            voice.Say($"trouble {trouble.Code}");
            voice.Say($"because {trouble.Reason}");
        }

        if (order.Waits)
            await Console.In.ReadLineAsync();
        return await new Writing(order, voice, ledger).Run();
    }

    private async Task<int> Run()
    {
        if (order.OathFile is { } file && !await Swear(file))
            return 3;
        await Task.WhenAll(Enumerable.Range(1, order.Tasks).Select(task => Task.Run(() => Append(task))));
        voice.Say("finished");
        if (ledger.Health.Trouble is { } trouble)
        {
            voice.Say($"trouble {trouble.Code}");
            voice.Say($"because {trouble.Reason}");
            await Read();
        }

        if (order.Stays)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        await ledger.DisposeAsync();
        voice.Say("closed");
        return 0;
    }

    private async Task<bool> Swear(string file)
    {
        var oath = new Oath();
        oath.Take(File.ReadLines(file));
        var audit = await Audit.Of(ledger, oath);
        var report = LedgerMaintenance.Verify(order.ToOptions());
        string[] lies = [.. audit.Lies, .. report.Problems.Select(problem => problem.ToString())];
        foreach (var lie in lies)
            voice.Say($"lie {lie}");
        if (lies.Length > 0)
            return false;
        voice.Say($"audited {audit.Head} segments={report.Segments}");
        foreach (var deed in oath.Open)
        {
            var there = audit.Found.ContainsKey(deed);
            var outcome = await ledger.Append(deed.ToRequest(await CursorOf(deed.Task)));
            if (outcome is AppendOutcome.Appended appended && appended.Repeated == there)
                voice.Say($"ack {deed} {appended.First}");
            else if (outcome is AppendOutcome.Appended)
                voice.Say($"lie {deed} was {(there ? "there" : "not there")}, and the ledger answers {outcome}");
            else
                voice.Say($"{outcome.Code} {deed}");
        }

        voice.Say("writing");
        return true;
    }

    private async Task Append(int task)
    {
        var cursor = await CursorOf(task);
        for (var number = 1; number <= order.Appends; number++)
        {
            var deed = new Deed(order.Generation, task, number);
            voice.Say($"try {deed}");
            var outcome = await AppendWhenThereIsSpace(deed, cursor);
            if (number == 1 && outcome is AppendOutcome.CursorMoved)
            {
                // read while the ledger waited for the space to begin in, and so did not show yet what stands in doubt at its end
                cursor = await CursorOf(task);
                outcome = await AppendWhenThereIsSpace(deed, cursor);
            }

            if (outcome is not AppendOutcome.Appended appended)
            {
                voice.Say($"{outcome.Code} {deed}");
                return;
            }

            voice.Say($"ack {deed} {appended.First}");
            cursor++;
        }
    }

    private async Task<AppendOutcome> AppendWhenThereIsSpace(Deed deed, long cursor)
    {
        while (true)
        {
            var outcome = await AppendOnce(deed, cursor);
            if (outcome is not AppendOutcome.ReadOnly || ledger.Health.Trouble is { Passing: false })
                return outcome;
            var trouble = ledger.Health.Trouble; // none again where a smaller batch of another task did fit
            if (trouble is not null && Interlocked.Exchange(ref _waiting, 1) == 0)
                voice.Say($"waits {trouble.Code} reads={(await Audit.OfPrefix(ledger)).Found.Count}");
            await Task.Delay(TryAgain, TimeProvider.System);
        }
    }

    /// <summary>An append looks for its ids in the index first: where nothing can be read, it is not even staged.</summary>
    private async Task<AppendOutcome> AppendOnce(Deed deed, long cursor)
    {
        try
        {
            return await ledger.Append(deed.ToRequest(cursor));
        }
        catch (IOException failure)
        {
            return new AppendOutcome.Indeterminate(failure.Message);
        }
    }

    private async Task Read()
    {
        try
        {
            voice.Say($"reads {(await Audit.OfPrefix(ledger)).Found.Count}");
        }
        catch (IOException failure)
        {
            voice.Say($"reads nothing: {failure.Message}");
        }
    }

    private async Task<long> CursorOf(int task) => (await ledger.ReadCursor(Tenants.Default, Deed.ConsumerOf(task), 0)).Position;
}
