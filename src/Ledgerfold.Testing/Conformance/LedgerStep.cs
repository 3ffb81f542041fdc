namespace Ledgerfold.Testing.Conformance;

/// <summary>One thing asked of a ledger in a random sequence.</summary>
internal abstract record LedgerStep
{
    private LedgerStep()
    {
    }

    public abstract string Said { get; }

    public sealed record Append(AppendRequest Request) : LedgerStep
    {
        public override string Said => Spoken.Of(Request);
    }

    public sealed record Read(ReadRequest Request, bool AcrossTenants) : LedgerStep
    {
        public override string Said => $"{Spoken.Of(Request)}{(AcrossTenants ? " across tenants" : "")}";
    }

    public sealed record ById(string Tenant, Guid Id) : LedgerStep
    {
        public override string Said => $"the event {Id} of {Tenant}";
    }

    public sealed record HeadOf(string Tenant, string Stream) : LedgerStep
    {
        public override string Said => $"the head of {Stream} of {Tenant}";
    }

    public sealed record CursorOf(string Tenant, string Consumer, int Partition) : LedgerStep
    {
        public override string Said => $"the cursor {Consumer}/{Partition} of {Tenant}";
    }

    /// <summary>A restart, where the backend can; else nothing but a look at the range.</summary>
    public sealed record Restart : LedgerStep
    {
        public override string Said => "a restart";
    }
}
