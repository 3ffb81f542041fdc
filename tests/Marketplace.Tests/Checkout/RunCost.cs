using Ledgerfold;

namespace Marketplace.Tests.Checkout;

/// <summary>What a checkout left in the ledger.</summary>
internal static class RunCost
{
    /// <summary>The names of all steps that the checkout of an order asked for.</summary>
    public static HashSet<string> StepsOf(CheckoutRun run, string orderId)
    {
        var steps = new HashSet<string>(StringComparer.Ordinal);
        foreach (var recorded in run.ReadAll(EventQuery.OfStream($"$process-checkout.{orderId}")).Where(static one => one.Type == "ProcessAdvanced"))
        {
            using var json = System.Text.Json.JsonDocument.Parse(recorded.Data);
            foreach (var output in json.RootElement.GetProperty("out").EnumerateArray())
            {
                if (output.GetProperty("kind").GetString() is "StepBegun" or "stepBegun")
                    steps.Add(output.GetProperty("name").GetString()!);
            }
        }

        return steps;
    }
}
