using System.Text.Json;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;
using Ledgerfold.Simulation.Wires;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// The ledger as it came to be, event by event, each held against a plain replay of all before it: every event has a command that was
/// sent, every command takes effect once and whole, and it did what its decision says where it stands; and the money is all there.
/// </summary>
internal sealed class BankHistory
{
    private readonly EventCodec _codec = new(EventTypes.Of<BankEvent>());
    private readonly Dictionary<string, SentCommand> _sent = [];
    private readonly Dictionary<string, Effect> _effects = [];
    private readonly Dictionary<Guid, SentCommand> _usedIds = [];
    private readonly List<RecordedEvent> _events = [];
    private readonly List<object?> _facts = [];
    private readonly List<BankBooks> _books = [BankBooks.Empty];
    private readonly Dictionary<Guid, SentCommand> _ofSteps = []; // by the id of their first event
    private Effect? _open;

    /// <summary>What processes make of the events; null where there are none.</summary>
    public WireHistory? Wires { get; set; }

    public long Head => _events.Count;

    public IReadOnlyList<RecordedEvent> Events => _events;

    public BankBooks Now => _books[^1];

    public RecordedEvent At(long position) => _events[(int)position - 1];

    /// <summary>What the event at a position says; null for a record of an answer.</summary>
    public object? FactAt(long position) => _facts[(int)position - 1];

    public Effect? EffectOf(SentCommand sent) => _effects.GetValueOrDefault(sent.Tag);

    /// <summary>Which command took effect under an id.</summary>
    public SentCommand? UserOf(Guid id) => _usedIds.GetValueOrDefault(id);

    public void Sent(SentCommand sent) => _sent.Add(sent.Tag, sent);

    /// <summary>A step of a process asks for this command.</summary>
    public void Asked(SentCommand asked) =>
        _ofSteps.Add(NameBasedId.OfFirstEvent(asked.Origin.Tenant, asked.Origin.Caller, asked.Origin.Id!.Value), asked);

    /// <summary>Whether the command came to this at some moment since it was sent.</summary>
    public bool CameTo(SentCommand sent, Func<Outcome, bool> outcome, long until)
    {
        for (var position = sent.Head; position <= until; position++)
        {
            if (outcome(_books[(int)position].Decide(sent.Command)))
                return true;
        }

        return false;
    }

    public void Add(RecordedEvent recorded)
    {
        if (recorded.Position != Head + 1)
            throw new OracleException("dense", $"behind {Head} comes {Say(recorded)}");
        if (_open is null && Wires?.IsOwn(recorded) == true)
        {
            Wires.AddOwn(recorded);
            _events.Add(recorded);
            _facts.Add(null);
            _books.Add(Now);
            return;
        }

        var fact = FactOf(recorded);
        if (_open is null)
            Begin(recorded, fact);
        else
            GoOn(_open, recorded, fact);
        _events.Add(recorded);
        _facts.Add(fact);
        _books.Add(fact is null ? Now : Now.After(recorded.Stream, fact));
        if (_open is not null && _open.Last == recorded.Position)
            End(_open);
        if (fact is not null)
            Wires?.Add(recorded, fact);
    }

    /// <summary>An append is all there or not at all.</summary>
    public void CheckWhole()
    {
        if (_open is not null)
            throw new OracleException("whole", $"of {_open.Sent} there is a part only, up to {Head}");
    }

    private void Begin(RecordedEvent recorded, object? fact)
    {
        if (!_ofSteps.TryGetValue(recorded.Id, out var sent) && !(recorded.CorrelationId is { } named && _sent.TryGetValue(named, out sent)))
            throw new OracleException("caused", $"nobody sent a command that led to {Say(recorded)}");
        if (_effects.TryGetValue(sent.Tag, out var before))
            throw new OracleException("once", $"{sent} took effect at {before.First} and again with {Say(recorded)}");
        if (recorded.CorrelationId != sent.Origin.CorrelationId)
            throw new OracleException("caused", $"{sent} belongs to {sent.Origin.CorrelationId}, and {Say(recorded)} to {recorded.CorrelationId}");
        if (sent.Origin.Id is { } id && !_usedIds.TryAdd(id, sent))
            throw new OracleException("once", $"{_usedIds[id]} used the id of {sent}, which took effect too");
        if (sent.Denied is { } denied)
            throw new OracleException("answers", $"the caller of {sent} was told that nothing happened ({denied}), and there is {Say(recorded)}");
        _open = new Effect(sent, recorded.Position, fact is null ? RecordedOutcome(sent, recorded) : Now.Decide(sent.Command));
        _effects.Add(sent.Tag, _open);
        if (fact is null)
            return;
        if (_open.Outcome.HasNoEvents)
            throw new OracleException("decided", $"{sent} comes to {_open.Outcome} here, and there is {Say(recorded)} {fact}");
        Check(_open, recorded, fact);
    }

    private void GoOn(Effect open, RecordedEvent recorded, object? fact)
    {
        if (recorded.CorrelationId != open.Sent.Origin.CorrelationId || fact is null)
            throw new OracleException("whole", $"in the midst of {open.Sent} there is {Say(recorded)}");
        Check(open, recorded, fact);
    }

    private static void Check(Effect effect, RecordedEvent recorded, object fact)
    {
        var (stream, expected) = effect.Outcome.Events[(int)(recorded.Position - effect.First)];
        if (stream != recorded.Stream || !Equals(expected, fact))
            throw new OracleException("decided", $"{effect.Sent} comes to {effect.Outcome} here, and there is {Say(recorded)} {fact}");
    }

    private void End(Effect effect)
    {
        _open = null;
        if (Now.Total != Now.Paid)
            throw new OracleException("money", $"after {effect.Sent} the accounts hold {Now.Total}, and {Now.Paid} was paid in");
        if (Now.Accounts.Values.Any(static account => account.Balance < 0))
            throw new OracleException("money", $"after {effect.Sent} an account is below nothing");
    }

    private object? FactOf(RecordedEvent recorded)
    {
        if (StreamNames.IsOfCategory(recorded.Stream, StoredAnswer.Category))
            return null;
        var decoded = _codec.Decode(recorded);
        return decoded.Count == 1 ? decoded[0] : throw new OracleException("caused", $"{Say(recorded)} cannot be read: {decoded.Problem}");
    }

    /// <summary>A decision without events rests on what there was at some moment since it was asked for.</summary>
    private Outcome RecordedOutcome(SentCommand sent, RecordedEvent recorded)
    {
        var record = JsonSerializer.Deserialize<AnswerRecord>(recorded.Data.Span, EventJson.Options)!;
        var code = record.Answer == AnswerRecord.Rejected ? record.Code : null;
        if (!CameTo(sent, outcome => outcome.HasNoEvents && outcome.Code == code, Head))
            throw new OracleException("decided", $"{sent} never came to {code ?? "nothing"} from {sent.Head} to {Head}, and so says {recorded.Position}");
        return new Outcome(code, []);
    }

    private static string Say(RecordedEvent recorded) => Simulation.Events.Say(recorded);
}
