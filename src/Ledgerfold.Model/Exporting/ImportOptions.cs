namespace Ledgerfold.Model.Exporting;

/// <summary>How a file is taken into a ledger.</summary>
public sealed record ImportOptions
{
    /// <summary>
    /// Names the import, and with it the cursor <c>import:NAME</c> that tells where to go on; null takes the hash of the file's first line,
    /// which for an export says what was exported.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Whose events they become; null keeps the tenant that a line names, <c>default</c> where it names none.</summary>
    public string? Tenant { get; init; }

    /// <summary>
    /// Also appends to streams that have other events already. Without it, a stream must be new, or stand exactly where its first event in
    /// the file goes on.
    /// </summary>
    public bool IntoExisting { get; init; }

    /// <summary>Also takes events of the platform's <c>$…</c> streams, which change what the platform believes it has done.</summary>
    public bool Platform { get; init; }

    /// <summary>
    /// Gives an event without an effective time the one at which it was first recorded, for folds that go by effective time.
    /// </summary>
    public bool TimeAsEffective { get; init; }

    /// <summary>The most events of one append.</summary>
    public int AppendEventsMax { get; init; } = 1_000;

    /// <summary>Is told after each append how far the import is.</summary>
    public Action<ImportCounts>? Progress { get; init; }
}
