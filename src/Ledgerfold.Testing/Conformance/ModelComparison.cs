namespace Ledgerfold.Testing.Conformance;

/// <summary>Asks the ledger and the model the same, and says where the answers differ; null where they agree.</summary>
internal static class ModelComparison
{
    public static async Task<string?> Differs(LedgerStep step, ILedger ledger, InMemoryLedger model)
    {
        switch (step)
        {
            case LedgerStep.Append(var request):
                var (expected, got) = (await model.Append(request), await ledger.Append(request));
                return Difference(await Differs(request, expected, got, model), step.Said, Spoken.Of(expected), Spoken.Of(got))
                    ?? await RangesDiffer(step, ledger, model);
            case LedgerStep.Read(var request, var acrossTenants):
                var pages = await All(acrossTenants ? ledger.ReadAcrossTenants(request) : ledger.Read(request));
                return PageRules.FirstBroken(request, acrossTenants ? null : request.Tenant, pages, await Everything(model));
            case LedgerStep.ById(var tenant, var id):
                return Difference(step.Said, Spoken.Of(await model.ReadById(tenant, id)), Spoken.Of(await ledger.ReadById(tenant, id)));
            case LedgerStep.HeadOf(var tenant, var stream):
                return Difference(
                    step.Said, $"{await model.ReadStreamHead(tenant, stream)}", $"{await ledger.ReadStreamHead(tenant, stream)}");
            case LedgerStep.CursorOf(var tenant, var consumer, var partition):
                return Difference(
                    step.Said,
                    Spoken.Of(await model.ReadCursor(tenant, consumer, partition)),
                    Spoken.Of(await ledger.ReadCursor(tenant, consumer, partition)));
            default:
                return await RangesDiffer(step, ledger, model);
        }
    }

    /// <summary>Whether the two hold the same events, and the ledger's recorded times only go forward.</summary>
    public static async Task<string?> EndsDiffer(ILedger ledger, InMemoryLedger model)
    {
        var (expected, got) = (await Everything(model), await Everything(ledger));
        for (var e = 0; e < Math.Max(expected.Count, got.Count); e++)
        {
            var difference = Difference(
                $"position {e + 1} at the end",
                e < expected.Count ? Spoken.Of(expected[e]) : "nothing",
                e < got.Count ? Spoken.Of(got[e]) : "nothing");
            if (difference is not null)
                return difference;
            if (e > 0 && got[e].RecordedAt < got[e - 1].RecordedAt)
                return $"the recorded time goes back at position {e + 1}";
        }

        return null;
    }

    private static async Task<string?> RangesDiffer(LedgerStep step, ILedger ledger, InMemoryLedger model) =>
        Difference($"the range after {step.Said}", $"{await model.ReadRange()}", $"{await ledger.ReadRange()}");

    /// <summary>A refusal that only the order decides may be worded freely; of several matches a failed condition may name any.</summary>
    private static async Task<bool> Differs(AppendRequest request, AppendOutcome expected, AppendOutcome got, InMemoryLedger model)
    {
        if (expected is AppendOutcome.Refused { Field: var field } && got is AppendOutcome.Refused refused && Limits.Check(request) is null)
            return field != refused.Field || string.IsNullOrWhiteSpace(refused.Rule);
        if (expected is not AppendOutcome.ConditionFailed || got is not AppendOutcome.ConditionFailed failed)
            return Spoken.Of(expected) != Spoken.Of(got);
        var named = (await Everything(model)).Find(recorded => recorded.Position == failed.Position);
        return named is null
            || named.Position <= request.Condition!.After
            || named.Tenant != request.Tenant
            || !request.Condition.FailIfMatch.Matches(named);
    }

    private static async Task<List<RecordedEvent>> Everything(ILedger ledger) =>
        [.. (await All(ledger.ReadAcrossTenants(new ReadRequest { Query = RandomRequests.Everything }))).SelectMany(page => page.Events)];

    private static async Task<List<EventPage>> All(IAsyncEnumerable<EventPage> read)
    {
        var pages = new List<EventPage>();
        await foreach (var page in read)
            pages.Add(page);
        return pages;
    }

    private static string? Difference(string asked, string expected, string got) => Difference(expected != got, asked, expected, got);

    private static string? Difference(bool differs, string asked, string expected, string got) =>
        differs ? $"asked:    {asked}\nexpected: {expected}\ngot:      {got}" : null;
}
