using System.Collections.Immutable;

namespace Ledgerfold.Testing.Tests.Conformance.Folds;

/// <summary>A faithful store behind faults: each bends what is asked, or what is answered.</summary>
internal sealed class FaultyFoldStore(IFoldStore inner) : IFoldStore
{
    public bool ForgetsAtRestart { get; init; }

    public bool DropsNothing { get; init; }

    public bool ViewsAreLive { get; init; }

    public bool IgnoresTheFence { get; init; }

    public Func<FoldBatch, FoldBatch> Batch { get; init; } = static batch => batch;

    public Func<FoldRead, FoldRead> Request { get; init; } = static request => request;

    public Func<FoldPage, FoldPage> Page { get; init; } = static page => page;

    public Func<FoldRow?, FoldRow?> Row { get; init; } = static row => row;

    public Func<long, long> Position { get; init; } = static position => position;

    public Func<ImmutableArray<string>, ImmutableArray<string>> Tenants { get; init; } = static tenants => tenants;

    public async ValueTask<FoldOutcome> Write(FoldBatch batch, CancellationToken cancel = default)
    {
        var asked = Limits.Check(batch) is null ? Batch(batch) : batch;
        if (IgnoresTheFence)
        {
            var stands = await inner.ReadPosition(asked.Fold, cancel);
            asked = asked with { Expected = stands, Position = Math.Max(stands, asked.Position) };
        }

        return await inner.Write(asked, cancel);
    }

    public ValueTask<FoldOutcome> Drop(FoldName fold, CancellationToken cancel = default) =>
        DropsNothing && Limits.Check(fold) is null ? new(new FoldOutcome.Written()) : inner.Drop(fold, cancel);

    public async ValueTask<IFoldView> OpenView(CancellationToken cancel = default) =>
        ViewsAreLive ? new LiveView(this) : await inner.OpenView(cancel);

    public async ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default)
    {
        var request = Request(new FoldRead { Fold = fold, Tenant = tenant });
        return Row(await inner.Get(request.Fold, request.Tenant, key, cancel));
    }

    public async ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default) =>
        Page(await inner.Read(Limits.Check(request) is null ? Request(request) : request, cancel));

    public async ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) =>
        Position(await inner.ReadPosition(fold, cancel));

    public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => inner.List(cancel);

    public async ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default) =>
        Tenants(await inner.ListTenants(fold, after, cancel));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class LiveView(FaultyFoldStore store) : IFoldView
    {
        public ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default) =>
            store.Get(fold, tenant, key, cancel);

        public ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default) => store.Read(request, cancel);

        public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) => store.ReadPosition(fold, cancel);

        public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => store.List(cancel);

        public ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default) =>
            store.ListTenants(fold, after, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
