using System.Text.Json;
using Ledgerfold;

namespace Marketplace.Tests.Checkout;

/// <summary>What is in the ledger behind a run: what its orders cost.</summary>
/// <param name="Events">How many events.</param>
/// <param name="Inputs">How many of them record what a checkout made of an input.</param>
/// <param name="OtherInputs">The same of other processes.</param>
internal sealed record RunCost(int Events, int Inputs, int OtherInputs)
{
    private const string Checkout = "$process-checkout.";

    public static RunCost Of(CheckoutRun run)
    {
        var records = run.ReadAll(EventQuery.OfCategory("$process")).Where(static one => one.Type == "ProcessAdvanced").ToList();
        var inputs = records.Count(static one => one.Stream.StartsWith(Checkout, StringComparison.Ordinal));
        return new RunCost((int)run.ReadHead(), inputs, records.Count - inputs);
    }

    public static RunCost operator -(RunCost after, RunCost before) =>
        new(after.Events - before.Events, after.Inputs - before.Inputs, after.OtherInputs - before.OtherInputs);

    /// <summary>The names of all steps that the checkout of an order asked for.</summary>
    public static HashSet<string> StepsOf(CheckoutRun run, string orderId)
    {
        var steps = new HashSet<string>(StringComparer.Ordinal);
        foreach (var recorded in run.ReadAll(EventQuery.OfStream(Checkout + orderId)).Where(static one => one.Type == "ProcessAdvanced"))
        {
            using var json = JsonDocument.Parse(recorded.Data);
            foreach (var output in json.RootElement.GetProperty("out").EnumerateArray())
            {
                if (output.GetProperty("kind").GetString() is "stepBegun" or "StepBegun")
                    steps.Add(output.GetProperty("name").GetString()!);
            }
        }

        return steps;
    }
}
