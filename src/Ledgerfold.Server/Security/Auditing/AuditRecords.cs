using System.Collections.Immutable;
using Ledgerfold.Model.Events;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Auditing;

/// <summary>
/// How the audit looks in the ledger: streams of the tenant <c>$platform</c>, to which anybody's record can be added at any time. Who, what
/// and in which tenant stand in tags.
/// </summary>
internal static class AuditRecords
{
    private const int TextMax = 256;

    private static readonly EventCodec Codec = new(EventTypes.Of<AuditEvent>());

    /// <summary>A record as a write.</summary>
    public static StreamWrite Write(AuditEvent said, Guid id)
    {
        var (type, version, data) = Codec.Encode(said);
        return new StreamWrite
        {
            Stream = $"{Platform.Audit}-{StreamOf(said)}",
            Events =
            [
                new NewEvent
                {
                    Id = id,
                    Type = type,
                    SchemaVersion = version,
                    Data = data,
                    Actor = ActorOf(said),
                    Tags = TagsOf(said),
                },
            ],
        };
    }

    /// <summary>What a record says.</summary>
    public static AuditEvent Read(RecordedEvent recorded) => Codec.Decode(recorded) is { Problem: null, Count: 1 } decoded
        ? (AuditEvent)decoded[0]
        : throw new InvalidDataException($"The event at {recorded.Position} cannot be read.");

    /// <summary>As much of a text as is kept.</summary>
    public static string Cut(string text)
    {
        if (text.Length <= TextMax)
            return text;
        var end = char.IsHighSurrogate(text[TextMax - 1]) ? TextMax - 1 : TextMax;
        return text[..end];
    }

    private static string StreamOf(AuditEvent said) => said switch
    {
        AuditEvent.Acted => "acts",
        AuditEvent.AnonymousDenied => "anonymous",
        _ => "denials",
    };

    private static string? ActorOf(AuditEvent said) => said switch
    {
        AuditEvent.Acted acted => acted.Who.Name,
        AuditEvent.Denied denied => denied.Who.Name,
        AuditEvent.DenialsOmitted omitted => omitted.Name,
        _ => null,
    };

    private static ImmutableArray<string> TagsOf(AuditEvent said)
    {
        var (who, act) = said switch
        {
            AuditEvent.Acted acted => (acted.Who.Name, acted.Act),
            AuditEvent.Denied denied => (denied.Who.Name, denied.Act),
            AuditEvent.DenialsOmitted omitted => (omitted.Name, null),
            _ => ((string?)null, (AuditAct?)null),
        };
        string?[] tags = [Tag("who", who), Tag("act", act?.What), Tag("on", act?.On), Tag("tenant", act?.Tenant)];
        return [.. tags.OfType<string>().Where(Limits.IsTag)];
    }

    private static string? Tag(string name, string? value) => value is null ? null : Tags.Of(name, value);
}
