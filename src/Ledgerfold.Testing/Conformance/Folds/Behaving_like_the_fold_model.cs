using System.Globalization;
using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

/// <summary>
/// Random sequences of operations, each answer compared with that of the <see cref="InMemoryFoldStore"/>. A failure prints the steps up to
/// it and the seed; <c>LEDGERFOLD_SEED</c> runs that seed alone.
/// </summary>
public abstract class Behaving_like_the_fold_model(FoldBackend backend) : FoldConformance(backend)
{
    private const int Steps = 60;

    [Fact]
    public async Task Answers_every_sequence_of_operations_alike()
    {
        var only = Environment.GetEnvironmentVariable("LEDGERFOLD_SEED");
        var seeds = only is null ? Enumerable.Range(1, Backend.RandomSequences) : [int.Parse(only, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
            await Run(seed);
    }

    private async Task Run(int seed)
    {
        var requests = new RandomFoldRequests(new SeededRandom((ulong)seed));
        await using var model = new InMemoryFoldStore();
        var store = await Backend.Open();
        var said = new StringBuilder($"seed {seed} (LEDGERFOLD_SEED={seed} runs it alone)\n");
        var views = new List<(IFoldView Model, IFoldView Store)>();
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                if (Backend.CanReopen && requests.Random.OneIn(20))
                {
                    await Close(views);
                    store = await Backend.Reopen(store);
                    said.AppendLine("reopen");
                }

                if (requests.Random.OneIn(10))
                    views.Add((await model.OpenView(), await store.OpenView()));
                if (requests.Random.OneIn(2))
                    await Change(requests, model, store, said);
                (IFoldReader Model, IFoldReader Store) asked = (model, store);
                if (views.Count > 0 && requests.Random.Coin())
                    asked = requests.Random.Pick<(IFoldView Model, IFoldView Store)>(views);
                await Ask(requests, asked.Model, asked.Store, said);
            }

            await Close(views);
        }
        finally
        {
            await store.DisposeAsync();
        }
    }

    private static async Task Change(RandomFoldRequests requests, InMemoryFoldStore model, IFoldStore store, StringBuilder said)
    {
        if (requests.Random.OneIn(15))
        {
            var fold = requests.Fold();
            Same(said, $"drop {fold}", $"{await model.Drop(fold)}", $"{await store.Drop(fold)}");
            return;
        }

        var name = requests.Fold();
        var batch = requests.Batch(name, await model.ReadPosition(name));
        Same(said, FoldsSpoken.Of(batch), $"{await model.Write(batch)}", $"{await store.Write(batch)}");
    }

    private static async Task Ask(RandomFoldRequests requests, IFoldReader model, IFoldReader store, StringBuilder said)
    {
        switch (requests.Random.Below(8))
        {
            case < 3:
                var (fold, tenant, key) = (requests.Fold(), requests.Tenant(), requests.Key());
                Same(
                    said,
                    $"get {fold} {tenant} {key}",
                    FoldsSpoken.Of(await model.Get(fold, tenant, key)),
                    FoldsSpoken.Of(await store.Get(fold, tenant, key)));
                break;
            case < 7:
                var request = requests.Read();
                Same(said, $"{request}", FoldsSpoken.Of(await AllPages(model, request)), FoldsSpoken.Of(await AllPages(store, request)));
                break;
            default:
                Same(said, "list", string.Join(' ', await model.List()), string.Join(' ', await store.List()));
                var one = requests.Fold();
                Same(said, $"position of {one}", $"{await model.ReadPosition(one)}", $"{await store.ReadPosition(one)}");
                var after = requests.Random.Coin() ? "" : requests.Tenant();
                Same(
                    said,
                    $"tenants of {one} behind '{after}'",
                    string.Join(' ', await model.ListTenants(one, after)),
                    string.Join(' ', await store.ListTenants(one, after)));
                break;
        }
    }

    private static async Task<List<FoldPage>> AllPages(IFoldReader from, FoldRead request)
    {
        var pages = new List<FoldPage>();
        do
        {
            pages.Add(await from.Read(request));
            request = request with { Continue = pages[^1].Next };
        }
        while (request.Continue is not null);
        return pages;
    }

    private static async Task Close(List<(IFoldView Model, IFoldView Store)> views)
    {
        foreach (var (model, store) in views)
        {
            await model.DisposeAsync();
            await store.DisposeAsync();
        }

        views.Clear();
    }

    private static void Same(StringBuilder said, string asked, string expected, string got)
    {
        said.AppendLine(asked);
        if (expected != got)
            Assert.Fail($"{said}expected: {expected}\ngot:      {got}");
    }
}
