using System.Reflection;
using System.Runtime.ExceptionServices;
using Ledgerfold.Testing.Conformance.Folds;

namespace Ledgerfold.Testing.Tests.Conformance.Folds;

/// <summary>The suite must be able to fail: every faulty store is caught by at least one fact, and the faithful one by none.</summary>
public sealed class The_fold_suite
{
    private static readonly Dictionary<string, Func<IFoldStore, FaultyFoldStore>> Faults = new(StringComparer.Ordinal)
    {
        ["the fence is ignored"] = inner => new FaultyFoldStore(inner) { IgnoresTheFence = true },
        ["unique values are not"] = inner => new FaultyFoldStore(inner) { Batch = batch => Bent(batch, entry => entry with { Unique = false }) },
        ["removed rows stay"] = inner => new FaultyFoldStore(inner) { Batch = batch => batch with { Removed = [] } },
        ["the last row of a batch is lost"] = inner => new FaultyFoldStore(inner)
        {
            Batch = batch => batch.Rows is { IsDefault: false, Length: > 1 } rows ? batch with { Rows = rows[..^1] } : batch,
        },
        ["rows have no indexes"] = inner => new FaultyFoldStore(inner)
        {
            Batch = batch => batch with { Rows = [.. (batch.Rows.IsDefault ? [] : batch.Rows).Select(row => row with { Indexes = [] })] },
        },
        ["versions are one"] = inner => new FaultyFoldStore(inner)
        {
            Batch = batch => batch with { Fold = batch.Fold with { Version = 1 } },
            Request = request => request with { Fold = request.Fold with { Version = 1 }, Continue = null },
        },
        ["tenants are one"] = inner => new FaultyFoldStore(inner) { Request = request => request with { Tenant = Tenants.Default } },
        ["dropping does nothing"] = inner => new FaultyFoldStore(inner) { DropsNothing = true },
        ["a view is the store"] = inner => new FaultyFoldStore(inner) { ViewsAreLive = true },
        ["everything is read forward"] = inner => new FaultyFoldStore(inner) { Request = request => request with { Backward = false } },
        ["the end of a range is ignored"] = inner => new FaultyFoldStore(inner) { Request = request => request with { To = null } },
        ["the begin of a range is ignored"] = inner => new FaultyFoldStore(inner) { Request = request => request with { From = null } },
        ["indexes are ignored"] = inner => new FaultyFoldStore(inner) { Request = request => request with { Index = null } },
        ["pages do not end"] = inner => new FaultyFoldStore(inner) { Request = request => request with { Limit = Limits.FoldPageRowsMax } },
        ["there is one page"] = inner => new FaultyFoldStore(inner) { Page = page => page with { Next = null } },
        ["a page has the position before"] = inner => new FaultyFoldStore(inner) { Page = page => page with { Position = page.Position - 1 } },
        ["the position is one behind"] = inner => new FaultyFoldStore(inner) { Position = position => Math.Max(0, position - 1) },
        ["a tenant is not listed"] = inner => new FaultyFoldStore(inner) { Tenants = tenants => tenants.RemoveRange(0, Math.Min(1, tenants.Length)) },
        ["a row loses its last byte"] = inner => new FaultyFoldStore(inner)
        {
            Row = row => row is { Data.Length: > 0 } ? row with { Data = row.Data[..^1] } : row,
        },
        ["a restart forgets everything"] = inner => new FaultyFoldStore(inner) { ForgetsAtRestart = true },
    };

    private static readonly Type[] Situations =
    [
        .. typeof(The_fold_suite).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(FoldConformance)))
            .OrderBy(type => type.BaseType == typeof(Behaving_like_the_fold_model)).ThenBy(type => type.Name, StringComparer.Ordinal),
    ];

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Fact]
    public void Has_no_situation_that_is_left_out_here() =>
        Assert.Equal(
            FoldConformance.Situations.Select(type => type.Name).Order(StringComparer.Ordinal),
            Situations.Select(type => type.BaseType!.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sees_a_store_where(string fault)
    {
        MemoryFoldBackend.Around.Value = Faults[fault];
        foreach (var (situation, fact, arguments) in Facts())
        {
            if (await Failure(situation, fact, arguments) is not null)
                return;
        }

        Assert.Fail($"no fact saw that {fault}");
    }

    [Fact]
    public async Task Sees_nothing_wrong_with_a_faithful_store_behind_the_same_faults()
    {
        MemoryFoldBackend.Around.Value = static inner => new FaultyFoldStore(inner);
        foreach (var (situation, fact, arguments) in Facts())
        {
            if (await Failure(situation, fact, arguments) is { } failure)
                Assert.Fail($"{situation.Name}.{fact.Name}: {failure}");
        }
    }

    private static FoldBatch Bent(FoldBatch batch, Func<FoldIndexEntry, FoldIndexEntry> bend) => batch with
    {
        Rows =
        [
            .. (batch.Rows.IsDefault ? [] : batch.Rows)
                .Select(row => row with { Indexes = [.. (row.Indexes.IsDefault ? [] : row.Indexes).Select(bend)] }),
        ],
    };

    private static IEnumerable<(Type Situation, MethodInfo Fact, object?[]? Arguments)> Facts() =>
        from situation in Situations
        from fact in situation.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute)))
        let data = fact.GetCustomAttributes<InlineDataAttribute>().ToArray()
        where data.Length > 0 || fact.GetParameters().Length == 0
        from arguments in data.Length > 0 ? data.Select(one => (object?[]?)one.Data) : [null]
        select (situation, fact, arguments);

    private static async Task<Exception?> Failure(Type situation, MethodInfo fact, object?[]? arguments)
    {
        await using var instance = (FoldConformance)Activator.CreateInstance(situation)!;
        try
        {
            await instance.InitializeAsync();
            await (Task)fact.Invoke(instance, arguments)!;
            return null;
        }
        catch (TargetInvocationException wrapped)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException!);
            throw;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
