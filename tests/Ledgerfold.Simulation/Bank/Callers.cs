using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Simulation.Wires;
using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// Those who send commands: new ones, the same again in flight, later or after a crash, now and then another one under a used id. What they
/// are told is held against the ledger: accepted is done, an answer is for ever, and what did not happen is not there.
/// </summary>
internal sealed class Callers(BankWorld world)
{
    private const int WaitingMax = 40;

    private readonly List<SentCommand> _sent = [];
    private readonly List<Call> _calls = [];
    private int _tags;

    private SeededRandom Random => world.Random;

    private BankHistory History => world.History;

    private List<SentCommand> Repeatable => _sent.FindAll(static one => one.Origin.Id is not null);

    public bool IsAnyoneWaiting => _calls.Count > 0;

    /// <summary>What else they may ask for; null in a bank without wires.</summary>
    public WireActs? Wires { get; } = world.Wires is null ? null : new WireActs(world);

    /// <summary>Positions that somebody was told of.</summary>
    public List<long> Tokens { get; } = [0];

    public void Send(BankProcess process)
    {
        if (_calls.Count < WaitingMax)
            Send(process, Choose());
    }

    /// <summary>Sends what is to be said as soon as it can be.</summary>
    public void SendNotices(BankProcess process)
    {
        while (process is { IsAlive: true, IsClosing: false } && Wires?.NextNotice() is { } notice)
            Send(process, New(DrawId(), notice));
    }

    /// <summary>Asks for a few wires once more that may have come to their end.</summary>
    public void RequestAgain(BankProcess process)
    {
        for (var wires = Random.Below(3); wires > 0; wires--)
            Send(process, New(DrawId(), Wires!.DrawRequest()));
    }

    /// <summary>Sends one command again that may be answered already.</summary>
    public void SendAgain(BankProcess process)
    {
        if (Repeatable is { Count: > 0 } known)
            Send(process, Random.Pick(known));
    }

    /// <summary>Every command that can be repeated, once more: its answer must be the one it had.</summary>
    public void SendAllAgain(BankProcess process)
    {
        foreach (var sent in Repeatable)
            Send(process, sent);
    }

    public void CancelOne()
    {
        if (_calls.Count > 0)
            Random.Pick(_calls).Cancel.Cancel();
    }

    /// <summary>Holds the answers that have come against the ledger.</summary>
    public void Settle(BankProcess process)
    {
        if (!process.IsAlive)
            return; // what it was told last is judged when the ledger can be seen again
        for (var c = 0; c < _calls.Count; c++)
        {
            var call = _calls[c];
            if (!call.Task.IsCompleted)
                continue;
            _calls.RemoveAt(c--);
            if (call.Told is { } answer)
                Judge(call, answer);
            else if (call.Failure is { } failure && !(failure is OperationCanceledException && call.Cancel.IsCancellationRequested) && !call.IsExplained)
                throw new OracleException("no unexpected exception", $"{call.Sent}: {failure}");
            if (call.Shown is { } shown && !world.AreFoldsDamaged)
                CheckShown(shown);
        }
    }

    /// <summary>The process is no more; who waited does not know, and who was told may go by it.</summary>
    public void Abandon()
    {
        _calls.RemoveAll(static call => call.Told is null);
        foreach (var call in _calls)
            call.Task = Task.CompletedTask;
    }

    /// <summary>What was acknowledged once is there for ever.</summary>
    public void CheckAcknowledged()
    {
        foreach (var sent in _sent)
        {
            if (sent.Answer is { } answer && sent.Origin.Id is not null && History.EffectOf(sent) is null)
                throw new OracleException("acknowledged", $"{sent} was answered {answer}, and there is nothing of it up to {History.Head}");
        }
    }

    private void Send(BankProcess process, SentCommand sent)
    {
        world.Say($"send {sent}{(sent.Sends > 0 ? " again" : "")}");
        sent.Sends++;
        sent.Denied = null;
        var commands = Random.Pick(process.Commands);
        var isPatient = Random.OneIn(3);
        var call = new Call(sent, new CancellationTokenSource());
        call.Task = world.Scheduler.Start(async () =>
        {
            try
            {
                var answer = await commands.Send(sent.Command, sent.Origin, call.Cancel.Token);
                if (process.IsAlive)
                    (call.Told, call.MayBeRefused) = (answer, world.MayFail || process.IsClosing);
                if (isPatient && answer is CommandAnswer.Accepted { Versions: [var first, ..] } accepted)
                    call.Shown = await ReadBack(process, accepted.Token, first.Stream);
            }
            catch (Exception failure)
            {
                call.Failure = failure;
                call.IsExplained = world.IsExplained(failure, process);
            }
        });
        _calls.Add(call);
    }

    /// <summary>Waits until the inline rows show a position, and reads without asking for any; null where the wait was in vain.</summary>
    private static async Task<Shown?> ReadBack(BankProcess process, long token, string stream)
    {
        var engine = process.Engine;
        if (!await engine.WaitForInline(token, TimeSpan.FromMilliseconds(200)))
            return null;
        var reader = new Projections(engine).Of(process.Code.Balances[0]);
        var key = stream[(stream.IndexOf('-', StringComparison.Ordinal) + 1)..];
        return await reader.Get(key) is ReadAnswer<BalanceRow?>.Found found ? new Shown(token, key, found.Value, found.Freshness) : null;
    }

    private void CheckShown(Shown shown)
    {
        var fold = world.Rows.Of(new FoldName("balances", shown.Row is { Unit: > 1 } ? 2 : 1));
        long[] required = shown.Fresh.Held.IsEmpty ? [.. fold.EventsOf(shown.Key, shown.Token)] : [];
        world.Rows.CheckRow(fold, shown.Key, shown.Row is null ? null : fold.RowOf(shown.Key, shown.Row), required, 0, $"shown inline as of {shown.Token}");
        world.Marks.Hit("bank: an answer waited for inline rows");
    }

    private SentCommand New(Guid? id, object command)
    {
        var tag = $"c{++_tags}";
        var sent = new SentCommand(command, new CommandOrigin { Id = id, Caller = "teller", CorrelationId = tag }, History.Head);
        History.Sent(sent);
        _sent.Add(sent);
        return sent;
    }

    private SentCommand Choose()
    {
        if (Repeatable is not { Count: > 0 } known || !Random.OneIn(3))
            return New(Random.OneIn(6) ? null : DrawId(), Draw());
        var sent = Random.Pick(known);
        return Random.OneIn(12) ? AnotherWith(sent.Origin.Id!.Value) : sent;
    }

    private SentCommand AnotherWith(Guid id)
    {
        world.Marks.Hit("bank: another command under a used id");
        while (true)
        {
            var command = Draw();
            if (_sent.TrueForAll(one => one.Origin.Id != id || !one.Command.Equals(command)))
                return New(id, command);
        }
    }

    private Guid DrawId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Fill(bytes);
        return new Guid(bytes);
    }

    private object Draw() => Wires is not null && (Wires.IsBeginning || Random.OneIn(3)) ? Wires.Draw() : DrawOwn();

    private object DrawOwn() => Random.Below(20) switch
    {
        < 7 when Account() is var account && !History.Now.IsOpen(account) => new OpenAccount(account, $"o{Random.Below(3)}"),
        < 1 => new OpenAccount(Account(), $"o{Random.Below(3)}"),
        < 8 => new Deposit(Account(), Desk(), Random.Below(60)),
        < 12 => new Withdraw(Account(), Desk(), Random.Between(1, 30)),
        < 16 => new Transfer(Account(), Account(), Desk(), Random.Between(1, 30)),
        < 18 => new GiveCard(Account(), $"d{Random.Below(4)}"),
        _ => new SetHouse(Random.OneIn(3)),
    };

    private string Account() => $"a{Random.Below(world.Plan.Accounts)}";

    private string Desk() => $"d{Random.Below(world.Plan.Desks)}";

    private void Judge(Call call, CommandAnswer answer)
    {
        var sent = call.Sent;
        world.Say($"  {sent}: {Say(answer)}");
        world.Mix(answer.Kind);
        world.Marks.Hit($"bank: answer {answer.Kind}");
        switch (answer)
        {
            case CommandAnswer.Accepted or CommandAnswer.Rejected:
                JudgeFinal(sent, answer);
                break;
            case CommandAnswer.Invalid { Field: "id" }:
                if (sent.Origin.Id is not { } id || History.UserOf(id) is not { } user || user == sent)
                    throw new OracleException("answers", $"{sent} is turned away, because its id was used for another command, and it was not");
                break;
            case CommandAnswer.Conflict or CommandAnswer.Overloaded:
                Deny(sent, answer);
                break;
            case CommandAnswer.ReadOnly when call.MayBeRefused:
                Deny(sent, answer);
                break;
            case CommandAnswer.Indeterminate when call.MayBeRefused:
                break;
            default:
                throw new OracleException("answers", $"{sent} was answered {answer}, and nothing was done that would explain it");
        }
    }

    /// <summary>Nothing happened, as far as this one caller goes.</summary>
    private void Deny(SentCommand sent, CommandAnswer answer)
    {
        if (sent.Sends > 1)
            return;
        sent.Denied = answer.Kind;
        if (History.EffectOf(sent) is { } effect)
            throw new OracleException("answers", $"{sent} was answered {answer}, and took effect at {effect.First}");
    }

    private void JudgeFinal(SentCommand sent, CommandAnswer answer)
    {
        var effect = History.EffectOf(sent);
        var code = (answer as CommandAnswer.Rejected)?.Code;
        if (effect is null && sent.Origin.Id is not null)
            throw new OracleException("acknowledged", $"{sent} was answered {Say(answer)}, and there is nothing of it up to {History.Head}");
        if (effect is null && !History.CameTo(sent, outcome => outcome.HasNoEvents && outcome.Code == code, History.Head))
            throw new OracleException("decided", $"{sent} was answered {Say(answer)}, and never came to that");
        if (effect is not null && Wrong(effect, answer) is { } wrong)
            throw new OracleException("answers", $"{sent} took effect at {effect.First} as {effect.Outcome}, and was answered {Say(answer)}: {wrong}");
        if (answer is CommandAnswer.Accepted { Token: var token })
            Tokens.Add(token);
        if (sent.Answer is { } before && Say(before) != Say(answer))
            throw new OracleException("same", $"{sent} was answered {Say(before)} and then {Say(answer)}");
        world.Marks.Hit("bank: answered again", sent.Answer is not null);
        sent.Answer ??= answer;
        var isFresh = answer is CommandAnswer.Accepted { Repeated: false } or CommandAnswer.Rejected { Repeated: false };
        if (isFresh && sent.WasFresh)
            throw new OracleException("once", $"{sent} was answered twice as if for the first time");
        sent.WasFresh |= isFresh;
    }

    private string? Wrong(Effect effect, CommandAnswer answer)
    {
        if (answer is CommandAnswer.Rejected rejected)
            return effect.Outcome.Code == rejected.Code ? null : "another code";
        var accepted = (CommandAnswer.Accepted)answer;
        if (effect.Outcome.Code is not null)
            return "it was turned down";
        if (accepted.Token != effect.Last)
            return $"its token is not {effect.Last}";
        var versions = Enumerable.Range(0, effect.Outcome.Events.Length).Select(e => History.At(effect.First + e))
            .GroupBy(static recorded => recorded.Stream).Select(static stream => new StreamVersion(stream.Key, stream.Last().Version));
        return versions.ToHashSet().SetEquals(accepted.Versions) ? null : "the versions are not those of its streams";
    }

    /// <summary>What of an answer must always be the same.</summary>
    private static string Say(CommandAnswer answer) => answer switch
    {
        CommandAnswer.Accepted accepted => $"accepted {accepted.Token} {string.Join(' ', accepted.Versions.OrderBy(static one => one.Stream, StringComparer.Ordinal))}",
        CommandAnswer.Rejected rejected => $"rejected {rejected.Code} {rejected.Field} {rejected.Message}",
        _ => answer.ToString(),
    };

    private sealed record Shown(long Token, string Key, BalanceRow? Row, Freshness Fresh);

    private sealed class Call(SentCommand sent, CancellationTokenSource cancel)
    {
        public SentCommand Sent => sent;

        public CancellationTokenSource Cancel => cancel;

        public Task Task { get; set; } = Task.CompletedTask;

        public CommandAnswer? Told { get; set; }

        /// <summary>What inline rows were to show, and showed.</summary>
        public Shown? Shown { get; set; }

        /// <summary>Whether a refusal would be no wonder, when the answer came.</summary>
        public bool MayBeRefused { get; set; }

        public Exception? Failure { get; set; }

        public bool IsExplained { get; set; }
    }
}
