using Ledgerfold.Simulation.Bank;

namespace Ledgerfold.Simulation.Wires;

/// <summary>
/// When all is over, by nothing but what happened: a wire that was settled took its money and was sent once, of one that failed nothing is
/// left, here or at the clearing house, and every run came to one of the two.
/// </summary>
internal sealed class WireOracle(BankWorld bank, ClearingHouse house, WirePlan plan)
{
    public void Check()
    {
        var facts = Enumerable.Range(1, (int)bank.History.Head).Select(position => bank.History.FactAt(position)).OfType<BankEvent>().ToArray();
        var requests = facts.OfType<BankEvent.WireRequested>().DistinctBy(static one => one.Request).ToDictionary(static one => one.Request);
        var settled = facts.OfType<BankEvent.WireSettled>().Select(static one => one.Request).ToHashSet();
        var failed = facts.OfType<BankEvent.WireFailed>().Select(static one => one.Request).ToHashSet();
        foreach (var request in requests.Values)
            Check(request, settled.Contains(request.Request), failed.Contains(request.Request));
        foreach (var wire in requests.Values.GroupBy(static one => one.Wire))
        {
            var runs = wire.Count(one => settled.Contains(one.Request) || failed.Contains(one.Request));
            if (plan.StartsAgain ? runs == 0 : runs != 1)
                throw new OracleException("one run", $"{wire.Key} was asked for {wire.Count()} times and ran {runs} times");
            bank.Marks.Hit("wires: two starts made one run", wire.Count() > runs);
            bank.Marks.Hit("wires: a wire ran again", runs > 1);
        }

        if (bank.History.Now.Total != bank.History.Now.Paid)
            throw new OracleException("money", $"the bank holds {bank.History.Now.Total}, and {bank.History.Now.Paid} was paid in");
    }

    private void Check(BankEvent.WireRequested request, bool isSettled, bool isFailed)
    {
        if (isSettled && isFailed)
            throw new OracleException("ends", $"{request} was settled and failed");
        var wired = bank.History.Now.Wired;
        var taken = wired.GetValueOrDefault((request.Request, WireDecisions.Principal));
        var fee = wired.GetValueOrDefault((request.Request, WireDecisions.Fee));
        var sent = house.Effects.Values.Count(one => one.Request == request.Request && one is { Reference: not null, IsRecalled: false });
        var (wantedTaken, wantedFee, wantedSent) = isSettled ? (request.Amount, 1, 1) : (0, 0, 0);
        if ((taken, fee, sent) != (wantedTaken, wantedFee, wantedSent))
        {
            throw new OracleException(
                "money", $"{request} {(isSettled ? "was settled" : isFailed ? "failed" : "never ran")}: taken {taken}, fee {fee}, sent {sent} times");
        }
    }
}
