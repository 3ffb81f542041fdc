using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// Finds what a command was answered before. There is no table of answers: the id of a command's first event follows from the command's
/// id, so the ledger's index of ids finds it, however old it is.
/// </summary>
internal sealed class StoredAnswers(ILedger ledger)
{
    /// <summary>The answer that the command was given before, or null.</summary>
    public async ValueTask<CommandAnswer?> Find(PendingCommand command, CancellationToken cancel)
    {
        if (await ledger.ReadById(command.Tenant, command.FirstEventId, cancel) is not { } first)
            return null;
        if (first.Erased)
            return await OfErased(command, first, cancel);
        if (StoredAnswer.Of(first) is not { } stored)
            return new CommandAnswer.Invalid("id", "not the id of an event that no command left");
        if (stored.Command != command.Name || stored.Fingerprint != command.Fingerprint)
            return OfAnother();
        if (stored.Rejected is { } rejected)
            return rejected.AsRejected(repeated: true);
        return StreamNames.IsOfCategory(first.Stream, StoredAnswer.Category) ? OfRecord(first) : OfEvents(first, stored);
    }

    /// <summary>What a command is answered whose id was used for something else.</summary>
    public static CommandAnswer OfAnother() => new CommandAnswer.Invalid("id", "an id is used for one command only");

    private static CommandAnswer.Accepted OfEvents(RecordedEvent first, StoredAnswer stored) => new(
        first.Position + stored.Events - 1,
        stored.Streams is { } streams
            ? [.. streams.Select(static one => new StreamVersion(one.Stream, one.Version))]
            : [new StreamVersion(first.Stream, first.Version + stored.Events - 1)],
        Repeated: true);

    private static CommandAnswer OfRecord(RecordedEvent recorded)
    {
        var record = JsonSerializer.Deserialize<AnswerRecord>(recorded.Data.Span, EventJson.Options)!;
        return record.Answer == AnswerRecord.Rejected
            ? record.AsRejected(repeated: true)
            : new CommandAnswer.Accepted(recorded.Position, [], Repeated: true);
    }

    /// <summary>
    /// Of an erased event what was said is gone, and whether this is the same command cannot be known; that it was accepted, and what it
    /// wrote, still can.
    /// </summary>
    private async ValueTask<CommandAnswer> OfErased(PendingCommand command, RecordedEvent first, CancellationToken cancel)
    {
        var last = first;
        var versions = new Dictionary<string, long>(StringComparer.Ordinal) { [first.Stream] = first.Version };
        for (var index = 1; index < Limits.AppendEventsMax; index++)
        {
            if (await ledger.ReadById(command.Tenant, NameBasedId.OfEvent(first.Id, index), cancel) is not { } next)
                break;
            last = next;
            versions[next.Stream] = next.Version;
        }

        var streams = versions.Select(static one => new StreamVersion(one.Key, one.Value));
        return new CommandAnswer.Accepted(last.Position, [.. streams], Repeated: true);
    }
}
