using System.Collections.Immutable;
using Ledgerfold.Model.Events;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>
/// How policies look in the ledger: two streams of the tenant <c>$platform</c>, written together, each fenced by its version. Both are
/// short, because only people who administer add to them, so all of it is one history and rules may look at all of it.
/// </summary>
internal static class PolicyRecords
{
    public const string PolicyStream = Platform.Access + "-policy";
    public const string CredentialStream = Platform.Credential + "-store";

    private static readonly EventCodec Codec = new(EventTypes.Of<PolicyEvent>().With(EventTypes.Of<CredentialEvent>()));

    public static EventQuery Query { get; } = new()
    {
        Items = [new QueryItem { Stream = PolicyStream }, new QueryItem { Stream = CredentialStream }],
    };

    /// <summary>The policies after one more event of either stream.</summary>
    /// <exception cref="InvalidDataException">This code cannot read the event: nobody may come in by what it half understands.</exception>
    public static Policies Apply(Policies policies, RecordedEvent recorded)
    {
        var decoded = Codec.Decode(recorded);
        if (decoded.Problem is { } problem)
            throw new InvalidDataException($"The event at {recorded.Position} of {recorded.Stream} cannot be read: {problem.Reason}");
        for (var d = 0; d < decoded.Count; d++)
            policies = policies.Apply(decoded[d], recorded.Position);
        return recorded.Stream == PolicyStream
            ? policies with { PolicyVersion = recorded.Version }
            : policies with { CredentialVersion = recorded.Version };
    }

    /// <summary>What was decided on policies, as writes that hold only while they are as they were.</summary>
    public static ImmutableArray<StreamWrite> Write(
        ImmutableArray<object> facts, Policies decidedOn, Origin origin, string? traceParent, Func<Guid> nextId)
    {
        NewEvent Recorded(object said)
        {
            var (type, version, data) = Codec.Encode(said);
            return new NewEvent
            {
                Id = nextId(),
                Type = type,
                SchemaVersion = version,
                Data = data,
                Actor = origin.Caller.Name,
                TraceParent = traceParent,
            };
        }

        return
        [
            new StreamWrite
            {
                Stream = PolicyStream,
                Expect = Expectation.Exactly(decidedOn.PolicyVersion),
                Events = [.. facts.Where(static said => said is PolicyEvent).Select(Recorded)],
            },
            new StreamWrite
            {
                Stream = CredentialStream,
                Expect = Expectation.Exactly(decidedOn.CredentialVersion),
                Events = [.. facts.Where(static said => said is CredentialEvent).Select(Recorded)],
            },
        ];
    }
}
