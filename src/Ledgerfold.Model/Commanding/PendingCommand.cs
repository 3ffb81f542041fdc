using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// A command that passed validation and authorisation, and how its events look in the ledger. Immutable; the same command gives the same
/// ids and, decided the same way, the same bytes.
/// </summary>
internal sealed class PendingCommand
{
    private readonly CommandContext _context;
    private readonly EventCodec _codec;

    public PendingCommand(CommandContext context, string name, EventCodec codec, JsonTypeInfo json)
    {
        _context = context;
        _codec = codec;
        Name = name;
        FirstEventId = NameBasedId.OfFirstEvent(context.Tenant, context.Caller, context.Id);
#if ZOO
        if (Zoo.Bug("model-repeated-command-decided-again"))
            FirstEventId = NameBasedId.OfFirstEvent(context.Tenant, $"{context.At.Ticks}", context.Id);
#endif
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(context.Command, json), hash);
        Fingerprint = Convert.ToBase64String(hash);
    }

    public CommandContext Context => _context;

    public string Tenant => _context.Tenant;

    /// <summary>What the command is called for ever, whatever its type is called now.</summary>
    public string Name { get; }

    /// <summary>What tells this command from another under the same id.</summary>
    public string Fingerprint { get; }

    public Guid FirstEventId { get; }

    /// <summary>Whether it can come again, because its sender gave the id: only then an answer without events is stored.</summary>
    public bool Remembered => _context.IsRepeatable;

    /// <summary>Where its answer stands if it leaves no event.</summary>
    public string AnswerStream => $"{StoredAnswer.Category}-{FirstEventId}";

    /// <summary>
    /// An event of this command as it will stand in the ledger, and what it will read as. It is read back here, so that nothing is ever
    /// written that this code cannot read, and so that a state kept in memory is made of the same facts as one computed later.
    /// </summary>
    /// <param name="said">The event, or a <see cref="Fact"/> about one.</param>
    /// <param name="index">Its place among the events of the command.</param>
    /// <param name="answer">The answer, for the first event.</param>
    public (NewEvent Event, object Fact) Write(object said, int index, StoredAnswer? answer)
    {
        var fact = said as Fact;
        var read = _codec.WriteAndRead(fact?.Event ?? said, out var type, out var data);
        var written = new NewEvent
        {
            Id = NameBasedId.OfEvent(FirstEventId, index),
            Type = type.Name,
            SchemaVersion = type.Version,
            Data = data,
            EffectiveAt = fact?.EffectiveAt,
            CorrelationId = _context.CorrelationId,
            CausationId = _context.Id.ToString(),
            Actor = _context.Actor,
            TraceParent = _context.TraceParent,
            Tags = fact?.Tags ?? [],
            Headers = answer is null ? [] : Headers(answer),
        };
        return (written, read);
    }

    /// <summary>The record of an answer that comes without events.</summary>
    public NewEvent WriteAnswer(AnswerRecord record) => new()
    {
        Id = FirstEventId,
        Type = AnswerRecord.EventType,
        Data = JsonSerializer.SerializeToUtf8Bytes(record, EventJson.Options),
        CorrelationId = _context.CorrelationId,
        CausationId = _context.Id.ToString(),
        Actor = _context.Actor,
        TraceParent = _context.TraceParent,
        Headers = Headers(new StoredAnswer(Name, Fingerprint, 1)),
    };

    private ImmutableArray<KeyValuePair<string, string>> Headers(StoredAnswer answer) => _context.CausationId is { } cause
        ? [new(StoredAnswer.Header, answer.ToText()), new(StoredAnswer.CauseHeader, cause)]
        : [new(StoredAnswer.Header, answer.ToText())];
}
