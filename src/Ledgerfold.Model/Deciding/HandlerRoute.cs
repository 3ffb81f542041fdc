using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// A command that a handler decides over several streams and conditions. The first try takes its chance; if others were faster, the next
/// ones first take their turns on all the streams that the one before had loaded, so that within a process it gets through.
/// </summary>
internal sealed class HandlerRoute(Type command, Func<object, HandlerContext, Task> handle) : CommandRoute(command)
{
    public override CommandHandling Bind(CommandEngine engine, EventCodec codec) =>
        (pending, cancel) => Run(engine, codec, pending, cancel);

    public override Decision Decide(CommandContext context, EventCodec codec, IEnumerable<object> history) =>
        throw new NotSupportedException($"{Command} is handled over several streams: send it to commands on a ledger in memory.");

    private async Task<CommandAnswer> Run(CommandEngine engine, EventCodec codec, PendingCommand pending, CancellationToken cancel)
    {
        ImmutableArray<StreamKey> turns = [];
        for (var attempt = 1; attempt <= engine.TriesMax; attempt++)
        {
            if (attempt > 1)
                await engine.WaitBefore(attempt, cancel);
            if ((pending.Remembered || attempt > 1) && await engine.Answers.Find(pending, cancel) is { } stored)
                return stored;
            var held = new List<StreamKey>(turns.Length);
            try
            {
                foreach (var key in turns)
                {
                    if (!await TakeTurn(engine, key, cancel))
                        return new CommandAnswer.Overloaded($"{engine.Options.WaitingMax} commands wait for {key.Stream}");
                    held.Add(key);
                }

                var context = new HandlerContext(engine, codec, pending.Context, fresh: attempt > 1, cancel);
                if (await Try(engine, pending, context, cancel) is { } answer)
                    return answer;
                // In one order everywhere, so that no two wait for each other.
                turns = [.. context.Streams.Select(static one => one.Key).OrderBy(static one => one.Stream, StringComparer.Ordinal)];
            }
            finally
            {
                held.ForEach(engine.Turns.Leave);
            }
        }

        return new CommandAnswer.Conflict(engine.TriesMax);
    }

    private static async Task<bool> TakeTurn(CommandEngine engine, StreamKey key, CancellationToken cancel)
    {
        var waiter = new KeyWaiter(work: null);
        if (!engine.Turns.TryEnter(key, waiter))
            return false;
        using var givenUp = cancel.UnsafeRegister(static (waits, cancelled) => ((KeyWaiter)waits!).GiveUp(cancelled), waiter);
        return await waiter.Told;
    }

    /// <summary>One try: the answer, or null where others were faster.</summary>
    private async Task<CommandAnswer?> Try(
        CommandEngine engine, PendingCommand pending, HandlerContext context, CancellationToken cancel)
    {
        try
        {
            await handle(pending.Context.Command, context);
        }
        catch (UnreadableException) when (context.Unreadable is not null)
        {
            return context.Unreadable;
        }
        catch (StreamNameException failure)
        {
            return new CommandAnswer.Invalid("stream", failure.Message);
        }

        if (context.Unreadable is { } unreadable)
            return unreadable;
        var draft = new HandlerDraft(pending, context);
        var outcome = await engine.Ledger.Append(draft.Request, cancel);
        if (outcome is AppendOutcome.Appended { Repeated: false } appended)
            return draft.Answer(appended);
        var isThere = outcome is AppendOutcome.Appended
            || (outcome is AppendOutcome.Indeterminate && draft.HasEvents
                && await engine.IsThere(pending.Tenant, pending.FirstEventId, CancellationToken.None));
        return isThere
            ? await engine.Answers.Find(pending, CancellationToken.None)
            : CommandEngine.FinalAnswer(outcome);
    }
}
