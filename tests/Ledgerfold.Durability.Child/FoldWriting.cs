using Ledgerfold.Storage;

namespace Ledgerfold.Durability.Child;

/// <summary>
/// Opens the fold store, holds it against the oath, and then brings the folds of several tasks forward, saying <c>try</c> before and
/// <c>ack</c> after each batch. When the store takes no more, it still reads, and ends in good order.
/// </summary>
internal sealed class FoldWriting(Order order, Voice voice, EmbeddedFoldStore store)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(20);

    private readonly FoldOath _oath = new();
    private int _waiting;

    public static async Task<int> Run(Order order, Voice voice)
    {
        voice.Say("opening");
        await using var store = EmbeddedFoldStore.Open(order.ToFoldOptions());
        voice.Say($"opened {(await store.List()).Length} dropped={store.DroppedBytes}");
        if (order.Waits)
            await Console.In.ReadLineAsync();
        return await new FoldWriting(order, voice, store).Run();
    }

    private async Task<int> Run()
    {
        if (order.OathFile is { } file)
            _oath.Take(File.ReadLines(file));
        while (store.Health.Trouble is { Passing: true })
            await Wait();
        if (!await IsKept(isWhole: true))
            return 3;
        voice.Say("writing");
        await Task.WhenAll(Enumerable.Range(1, order.Tasks).Select(task => Task.Run(() => Write(task))));
        voice.Say("finished");
        if (store.Health.Trouble is { } trouble)
        {
            voice.Say($"trouble {trouble.Code}");
            voice.Say($"because {trouble.Reason}");
            await Read();
        }

        foreach (var warning in store.Health.Warnings)
            voice.Say($"warning {warning}");
        if (order.Stays)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        await store.DisposeAsync();
        voice.Say("closed");
        return 0;
    }

    private async Task Write(int task)
    {
        var position = await store.ReadPosition(FoldLife.FoldOf(task));
        for (var batch = 0; batch < order.Appends; batch++)
        {
            position++;
            voice.Say($"try {task} {position}");
            var outcome = await WriteWhenThereIsSpace(FoldLife.Batch(task, position));
            if (outcome is FoldOutcome.Written)
                voice.Say($"ack {task} {position}");
            else
                voice.Say($"{outcome.Code} {task} {position} {outcome}");
            if (outcome is not FoldOutcome.Written)
                return;
        }
    }

    private async Task<FoldOutcome> WriteWhenThereIsSpace(FoldBatch batch)
    {
        while (true)
        {
            var outcome = await WriteOnce(batch);
            if (outcome is not FoldOutcome.ReadOnly || store.Health.Trouble is { Passing: false })
                return outcome;
            await Wait();
        }
    }

    /// <summary>A batch looks for what it replaces first: where nothing can be read, it is not even staged.</summary>
    private async Task<FoldOutcome> WriteOnce(FoldBatch batch)
    {
        try
        {
            return await store.Write(batch);
        }
        catch (IOException failure)
        {
            return new FoldOutcome.Indeterminate(failure.Message);
        }
    }

    private async Task Wait()
    {
        var trouble = store.Health.Trouble;
        if (trouble is null)
        {
            voice.Say("waited"); // another task has met the space already
        }
        else if (Interlocked.Exchange(ref _waiting, 1) == 0)
        {
            await IsKept(isWhole: false);
            voice.Say($"waits {trouble.Code} reads={(await store.List()).Length}");
        }

        await Task.Delay(TryAgain, TimeProvider.System);
    }

    private async Task<bool> IsKept(bool isWhole)
    {
        await using var view = await store.OpenView();
        var lies = await _oath.FindLies(view, isWhole);
        foreach (var lie in lies)
            voice.Say($"lie {lie}");
        return lies.Count == 0;
    }

    private async Task Read()
    {
        try
        {
            foreach (var fold in await store.List())
                voice.Say($"reads {fold} {await store.ReadPosition(fold)} {await FoldLife.FindFault(store, int.Parse(fold.Name[4..]))}");
        }
        catch (IOException failure)
        {
            voice.Say($"reads nothing: {failure.Message}");
        }
    }
}
