using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ledgerfold.Http.Problems;

/// <summary>All kinds of refusals that a server can answer with.</summary>
public sealed class ProblemCatalogue
{
    private readonly FrozenDictionary<string, ProblemKind> _byCode;

    /// <summary>Those of the platform and these.</summary>
    /// <exception cref="ArgumentException">Two kinds have one code.</exception>
    public ProblemCatalogue(IEnumerable<ProblemKind> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        All = [.. PlatformProblems.All.Concat(others).OrderBy(static kind => kind.Code, StringComparer.Ordinal)];
        if (All.GroupBy(static kind => kind.Code).FirstOrDefault(static group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"There are two problems {twice.Key}.", nameof(others));
        _byCode = All.ToFrozenDictionary(static kind => kind.Code, StringComparer.Ordinal);
    }

    /// <summary>Every kind, by code.</summary>
    public ImmutableArray<ProblemKind> All { get; }

    /// <summary>The kind of a code; null where there is none.</summary>
    public ProblemKind? Find(string code) => _byCode.GetValueOrDefault(code);
}
