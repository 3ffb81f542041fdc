using System.Reflection;
using System.Runtime.ExceptionServices;
using Ledgerfold.Testing.Conformance;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>The suite must be able to fail: every faulty ledger is caught by at least one fact, and the faithful one by none.</summary>
public sealed class The_conformance_suite
{
    private static readonly Dictionary<string, Func<InMemoryLedger, FaultyLedger>> Faults =
        FaultsOfChecking.All.Concat(FaultsOfRepeating.All).Concat(FaultsOfReading.All).ToDictionary();

    /// <summary>Quick situations first: a fault is mostly seen before the slow ones begin.</summary>
    private static readonly Type[] Situations =
    [
        .. typeof(The_conformance_suite).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(LedgerConformance)))
            .OrderBy(type => type.BaseType == typeof(Reading) || type.BaseType == typeof(Refusing_bad_input))
            .ThenBy(type => type.BaseType == typeof(Behaving_like_the_model))
            .ThenBy(type => type.Name, StringComparer.Ordinal),
    ];

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Fact]
    public void Has_no_situation_that_is_left_out_here() =>
        Assert.Equal(
            LedgerConformance.Situations.Select(type => type.Name).Order(StringComparer.Ordinal),
            Situations.Select(type => type.BaseType!.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sees_a_ledger_where(string fault)
    {
        MemoryBackend.Around.Value = new(Faults[fault], TimeSpan.FromSeconds(2));
        var (seen, ran) = (new List<string>(), 0);
        foreach (var (situation, fact) in Facts())
        {
            ran++;
            if (await Failure(situation, fact) is not { } failure)
                continue;
            seen.Add($"{situation.BaseType!.Name}.{fact.Name}: {failure.Message}");
            break;
        }

        Assert.True(seen.Count > 0, $"no fact of {ran} saw that {fault}");
        TestContext.Current.TestOutputHelper?.WriteLine($"seen by fact {ran}, {seen[0]}");
    }

    [Fact]
    public async Task Sees_nothing_wrong_with_a_faithful_ledger_behind_the_same_hooks()
    {
        MemoryBackend.Around.Value = new(inner => new FaultyLedger(inner), TimeSpan.FromSeconds(30));
        foreach (var (situation, fact) in Facts().Where(one => one.Situation.BaseType != typeof(Refusing_bad_input)))
        {
            if (await Failure(situation, fact) is { } failure)
                Assert.Fail($"{situation.Name}.{fact.Name}: {failure}");
        }
    }

    /// <summary>Random sequences alone find much of it, without a fact written for the fault.</summary>
    [Theory]
    [InlineData("repeats are written again")]
    [InlineData("a repeat names the version of now")]
    [InlineData("a repeat moves cursors")]
    [InlineData("the new part of a mixture is written")]
    [InlineData("versions are checked before ids")]
    [InlineData("a condition looks at its first item only")]
    [InlineData("a condition looks one event too late")]
    [InlineData("a cursor is not fenced")]
    [InlineData("streams are written one by one")]
    [InlineData("another tenant's events are seen")]
    [InlineData("the position before is included")]
    [InlineData("cursors are forgotten at a restart")]
    public async Task Sees_by_random_sequences_alone_a_ledger_where(string fault)
    {
        MemoryBackend.Around.Value = new(Faults[fault], TimeSpan.FromSeconds(2));
        var (situation, fact) = Facts().Single(one => one.Situation.BaseType == typeof(Behaving_like_the_model));

        var failure = await Failure(situation, fact);

        Assert.True(failure is not null, $"random sequences did not see that {fault}");
        Assert.Contains("LEDGERFOLD_SEED=", failure.Message, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine(failure.Message);
    }

    private static IEnumerable<(Type Situation, MethodInfo Fact)> Facts() =>
        from situation in Situations
        from fact in situation.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute)))
        select (situation, fact);

    private static async Task<Exception?> Failure(Type situation, MethodInfo fact)
    {
        await using var instance = (LedgerConformance)Activator.CreateInstance(situation)!;
        try
        {
            await instance.InitializeAsync();
            await (Task)fact.Invoke(instance, null)!;
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
