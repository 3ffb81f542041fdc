namespace Ledgerfold.Model.Folding;

/// <summary>Says how a fold is from what can be seen of it: pure, so that each rule is a line of a table.</summary>
internal static class FoldDiagnosis
{
    /// <param name="glance">What the loop left.</param>
    /// <param name="overdue">
    /// How many positions it is behind, where the oldest of them has stood in the ledger for that long; an event that came just now, after
    /// hours of nothing, is no sign of trouble.
    /// </param>
    /// <param name="held">How much is held.</param>
    /// <param name="stuckAfter">How long is too long.</param>
    public static (FoldHealth Health, string? Reason) Of(FoldGlance glance, long overdue, int held, TimeSpan stuckAfter)
    {
        if (glance.Phase == FoldPhase.Stopped)
            return (FoldHealth.Unhealthy, $"it stopped: {glance.LastError?.Message ?? "it was asked to"}");
        if (overdue > 0 && glance.StandsFor > stuckAfter)
            return (FoldHealth.Unhealthy, $"it has stood still for {glance.StandsFor}, {overdue} positions behind{Because(glance)}");
        if (glance.BusyFor > stuckAfter && glance.StandsFor > stuckAfter)
            return (FoldHealth.Unhealthy, $"it has been at the same step for {glance.BusyFor}");
        if (glance.Phase == FoldPhase.Pausing)
            return (FoldHealth.Degraded, $"it pauses{Because(glance)}");
        if (held > 0)
            return (FoldHealth.Degraded, $"{held} keys are held");
        return glance is { HasCaughtUp: false, Warnings: [.., var warning] }
            ? (FoldHealth.Degraded, warning.Message)
            : (FoldHealth.Healthy, null);
    }

    private static string Because(FoldGlance glance) => glance.LastError is { } error ? $" after {error.Message}" : "";
}
