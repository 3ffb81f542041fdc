using System.Globalization;
using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// Random sequences of operations, each answer compared with that of the <see cref="InMemoryLedger"/>. A failure prints the shortest
/// sequence that still fails and its seed; <c>LEDGERFOLD_SEED</c> runs that seed alone.
/// </summary>
public abstract class Behaving_like_the_model(LedgerBackend backend) : LedgerConformance(backend)
{
    private const int Steps = 40;
    private const int ShrinkRunsMax = 300;

    [Fact]
    public async Task Answers_every_sequence_of_operations_alike()
    {
        var only = Environment.GetEnvironmentVariable("LEDGERFOLD_SEED");
        var seeds = only is null ? Enumerable.Range(1, Backend.RandomSequences) : [int.Parse(only, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
        {
            var steps = await RandomSteps.Draw(seed, Steps);
            if (await FirstDifference(steps) is not { } difference)
                continue;
            var (shortest, shown) = await Shrink(steps, difference);
            Assert.Fail(Told(seed, shortest, shown));
        }
    }

    private async Task<Difference?> FirstDifference(IReadOnlyList<LedgerStep> steps)
    {
        await using var model = new InMemoryLedger();
        var ledger = await Backend.Open();
        try
        {
            for (var s = 0; s < steps.Count; s++)
            {
                if (steps[s] is LedgerStep.Restart && Backend.CanReopen)
                    ledger = await Backend.Reopen(ledger);
                var step = steps[s];
                var what = await InTime(
                    ModelComparison.Differs(step, ledger, model), () => $"the answer of step {step.Said} of the seed's sequence");
                if (what is not null)
                    return new Difference(s, what);
            }

            var end = await InTime(ModelComparison.EndsDiffer(ledger, model), () => "the whole ledger at the end of the sequence");
            return end is null ? null : new Difference(steps.Count, end);
        }
        finally
        {
            await ledger.DisposeAsync();
        }
    }

    /// <summary>Leaves out steps, the later half first, then one by one, as long as something still differs.</summary>
    private async Task<(IReadOnlyList<LedgerStep> Steps, Difference Difference)> Shrink(
        IReadOnlyList<LedgerStep> steps, Difference difference)
    {
        steps = [.. steps.Take(difference.Step + 1)];
        for (var (size, runs) = (steps.Count / 2, 0); size >= 1; size /= 2)
        {
            for (var from = 0; from < steps.Count && runs < ShrinkRunsMax; runs++)
            {
                LedgerStep[] fewer = [.. steps.Take(from), .. steps.Skip(from + size)];
                if (await FirstDifference(fewer) is { } still)
                    (steps, difference) = ([.. fewer.Take(still.Step + 1)], still);
                else
                    from += size;
            }
        }

        return (steps, difference);
    }

    private static string Told(int seed, IReadOnlyList<LedgerStep> steps, Difference difference)
    {
        var text = new StringBuilder(
            $"seed {seed} (LEDGERFOLD_SEED={seed} runs it alone), the shortest sequence found that differs from the model:\n");
        for (var s = 0; s < steps.Count; s++)
            text.Append($"  {s + 1}. {steps[s].Said}\n");
        return text.Append(difference.What).ToString();
    }

    private sealed record Difference(int Step, string What);
}
