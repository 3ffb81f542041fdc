using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

/// <summary>
/// What every situation of the suite stands on: an open, empty fold store, and short forms to write and ask. A backend passes when a class
/// derived from each of <see cref="Situations"/> passes.
/// </summary>
public abstract class FoldConformance(FoldBackend backend) : IAsyncLifetime
{
    private protected static readonly FoldName Orders = new("orders");

    /// <summary>The abstract classes that make up the suite, for a test that a backend left none out.</summary>
    public static IReadOnlyList<Type> Situations { get; } =
    [
        .. typeof(FoldConformance).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.BaseType == typeof(FoldConformance)),
    ];

    private protected IFoldStore Store { get; private set; } = null!;

    private protected FoldBackend Backend => backend;

    /// <summary>Opens the store.</summary>
    public async ValueTask InitializeAsync() => Store = await backend.Open();

    /// <summary>Closes the store and lets the backend clean up.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Store is not null)
            await Store.DisposeAsync();
        await backend.DisposeAsync();
    }

    private protected async Task Reopen()
    {
        Assert.SkipUnless(backend.CanReopen, "this backend does not outlive its store");
        Store = await backend.Reopen(Store);
    }

    private protected static FoldRow Row(string key, string data = "", params FoldIndexEntry[] indexes) =>
        new() { Tenant = Tenants.Default, Key = key, Data = Encoding.UTF8.GetBytes(data), Indexes = [.. indexes] };

    private protected static FoldBatch Batch(long expected, long position, params FoldRow[] rows) =>
        new() { Fold = Orders, Expected = expected, Position = position, Rows = [.. rows] };

    private protected async Task Written(FoldBatch batch) => Assert.Equal(new FoldOutcome.Written(), await Store.Write(batch));

    private protected async Task<string?> DataOf(string key, string tenant = Tenants.Default, FoldName? fold = null) =>
        await Store.Get(fold ?? Orders, tenant, key) is { } row ? Encoding.UTF8.GetString(row.Data.Span) : null;

    private protected Task<string> Keys(FoldRead? request = null, IFoldReader? from = null) =>
        KeysOf(from ?? Store, request ?? new FoldRead { Fold = Orders });

    /// <summary>The keys of all pages, a page's end marked by a bar.</summary>
    private static async Task<string> KeysOf(IFoldReader from, FoldRead request)
    {
        var said = new StringBuilder();
        while (true)
        {
            var page = await from.Read(request);
            said.AppendJoin(' ', page.Rows.Select(row => row.Key));
            if (page.Next is null)
                return said.ToString();
            said.Append(" | ");
            request = request with { Continue = page.Next };
        }
    }
}
