using Ledgerfold.Testing.Conformance.Folds;

namespace Ledgerfold.Storage.Tests.Folds;

public sealed class The_fold_suite
{
    [Theory]
    [InlineData("_embedded")]
    [InlineData("_with_little_memory")]
    public void Is_run_whole(string suffix) =>
        Assert.Equal(
            FoldConformance.Situations.Select(situation => situation.Name + suffix).Order(StringComparer.Ordinal),
            typeof(The_fold_suite).Assembly.GetExportedTypes()
                .Where(type => type.IsSubclassOf(typeof(FoldConformance)) && type.Name.EndsWith(suffix, StringComparison.Ordinal))
                .Select(type => type.Name).Order(StringComparer.Ordinal));
}
