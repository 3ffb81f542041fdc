using Ledgerfold.Model;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Processing;
using Ledgerfold.Simulation.Bank;

namespace Ledgerfold.Simulation.Wires;

/// <summary>What an instance of a wire knows.</summary>
internal sealed record WireState(int Request, string From, string Payer, long Amount, bool IsSettling = false, int Closings = 0);

/// <summary>
/// A transfer to another bank: the money and a fee are taken side by side, the clearing house is asked to send it, by a second route where
/// it does not answer in time, and what it says of it later, or that it says nothing, settles the wire or takes it back.
/// </summary>
internal static class WireCode
{
    public const string Process = "wire";

    private const string PatienceTimer = "patience";
    private const string NoticeTimer = "notice";

    private static readonly Decider<WireBook> Wires = new(WireDecisions.WireCategory, WireBook.None, WireBook.Apply);
    private static readonly Decider<NoticeBook> Notices = new(WireDecisions.NoticeCategory, NoticeBook.None, NoticeBook.Apply);

    public static Module AddTo(Module module, WirePlan plan, IClearing clearing) => module
        .Decides(Wires, static wires => wires
            .On<RequestWire>(static one => one.Wire, WireDecisions.Decide)
            .On<CancelWire>(static one => one.Wire, WireDecisions.Decide)
            .On<SettleWire>(static one => one.Wire, WireDecisions.Decide)
            .On<FailWire>(static one => one.Wire, WireDecisions.Decide))
        .Decides(Notices, static notices => notices.On<TakeNotice>(static one => one.Reference, WireDecisions.Decide))
        .Performs(new Activity<SendWire>("send")
        {
            Do = clearing.Send,
            Ask = plan.CanAsk ? (_, context, _) => clearing.Ask(context) : null,
            Timeout = TimeSpan.FromSeconds(1),
            Retries = Pauses with { AttemptsMax = plan.AttemptsMax },
            Parallelism = plan.Parallelism,
        })
        .Performs(new Activity<RecallWire>("recall")
        {
            Do = clearing.Recall,
            Ask = (_, context, _) => clearing.Ask(context),
            Timeout = TimeSpan.FromSeconds(1),
            Retries = Pauses,
            Parallelism = plan.Parallelism,
        })
        .Runs(ProcessOf(plan));

    private static Backoff Pauses => new() { First = TimeSpan.FromMilliseconds(200), Longest = TimeSpan.FromSeconds(2) };

    private static Process<WireState> ProcessOf(WirePlan plan) => new Process<WireState>(Process) { StartsAgain = plan.StartsAgain }
        .Starts<BankEvent.WireRequested>(static asked => asked.Wire, Begin)
        .Finished(["take", WireDecisions.Fee], static (state, react) =>
        {
            Send(state, react, "send", TimeSpan.FromMilliseconds(2500));
            return state;
        })
        .Done("send", AfterSent)
        .Done("resend", AfterSent)
        .Failed("send", (state, failure, react) =>
        {
            // by a second route, while nobody knows of the first: what turns out to be done by both is taken back by one
            if (failure.Code == StepFailure.Overdue && plan.CanAsk && state.Amount % 2 == 0)
                Send(state, react, "resend", TimeSpan.FromSeconds(6));
            else
                react.Compensate($"send: {failure.Code}");
            return state;
        })
        .Done("settle", static (state, _, react) =>
        {
            react.End();
            return state;
        })
        .On<BankEvent.WireCancelled>(static cancelled => cancelled.Wire, static (state, _, react) => GiveUp(state, react, "cancelled"))
        .OnAssociated<BankEvent.NoticeGiven>(
            "reference",
            static notice => notice.Reference,
            static (state, notice, react) => notice.IsGood && !state.IsSettling ? Settle(state, react) : GiveUp(state, react, "bounced"))
        .OnAssociated<BankEvent.HouseSet>(
            "house",
            static _ => BankDecisions.House,
            static (state, _, _) => state with { Closings = state.Closings + 1 },
            Unmatched.PassOver)
        .Timer(NoticeTimer, static (state, react) => GiveUp(state, react, "no notice"))
        .Timer(PatienceTimer, static (state, react) => GiveUp(state, react, "no patience"))
        .Compensated(static (state, react) =>
        {
            react.Run("fail", new FailWire(react.Key, state.Request, react.Reason!));
            return state;
        });

    private static WireState Begin(BankEvent.WireRequested asked, Reactions react)
    {
        Take("take", asked.From, WireDecisions.Principal, asked.Amount, within: null);
        Take(WireDecisions.Fee, asked.Payer, WireDecisions.Fee, 1, asked.Request % 6 == 0 ? TimeSpan.FromMilliseconds(300) : null);
        react.After(PatienceTimer, TimeSpan.FromSeconds(45));
        react.Associate("house", BankDecisions.House);
        return new WireState(asked.Request, asked.From, asked.Payer, asked.Amount);

        void Take(string step, string account, string purpose, long amount, TimeSpan? within) => react.Run(
            step,
            new TakeMoney(account, asked.Wire, asked.Request, purpose, amount),
            undo: new GiveBack(account, asked.Wire, asked.Request, purpose, amount),
            within: within);
    }

    private static void Send(WireState state, Reactions react, string step, TimeSpan within) => react.Run(
        step,
        new SendWire(react.Key, state.Request, step, state.Amount),
        undo: new RecallWire(react.Key, state.Request, step, state.Amount),
        within: within);

    private static WireState AfterSent(WireState state, StepDone done, Reactions react)
    {
        if (state.IsSettling)
            return state;
        if (state.Amount % 3 == 0)
            return Settle(state, react);
        react.Associate("reference", done.Result<WireReceipt>().Reference);
        react.After(NoticeTimer, TimeSpan.FromSeconds(5));
        return state;
    }

    private static WireState Settle(WireState state, Reactions react)
    {
        react.Cancel(NoticeTimer);
        if (!react.IsOpen("send") && !react.IsOpen("resend"))
            react.Pivot();
        react.Run("settle", new SettleWire(react.Key, state.Request));
        return state with { IsSettling = true };
    }

    private static WireState GiveUp(WireState state, Reactions react, string why)
    {
        if (!state.IsSettling)
            react.Compensate(why);
        return state;
    }
}
