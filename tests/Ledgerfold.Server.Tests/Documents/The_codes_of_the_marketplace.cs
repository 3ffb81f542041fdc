using System.Text.RegularExpressions;
using Ledgerfold.Http.Problems;

namespace Ledgerfold.Server.Tests.Documents;

public sealed partial class The_codes_of_the_marketplace
{
    // what the code writes in the same form and is no refusal: rules that orders meet, what the provider says, why a payment was voided
    private static readonly string[] Others =
    [
        "ALLOW_LISTED", "DENY_LISTED", "ADDRESS_CHECK_", "CARD_CHECK_FAILED", "FOREIGN_CARD", "HISTORY_NOT_KNOWN", "ATTEMPTS_OF_CARD",
        "CARDS_OF_DEVICE", "MORE_THAN_USUAL", "YOUNG_ACCOUNT", "HOLD_CAPTURED", "HOLD_RELEASED", "HOLD_EXPIRED", "NOT_HELD", "NOT_CAPTURED",
        "KEY_REUSED", "LATE_AUTHORIZATION",
    ];

    [Fact]
    public void Have_a_page_each()
    {
        var problems = Systems.All.SelectMany(static system => system.Problems).Select(static problem => problem.Code).ToHashSet(StringComparer.Ordinal);

        var written = Committed.Below("systems/Marketplace", "*.cs")
            .Where(static file => !file.EndsWith("MarketplaceProblems.cs", StringComparison.Ordinal))
            .SelectMany(static file => Code().Matches(File.ReadAllText(file)).Select(static match => match.Groups["code"].Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.Empty(written.Except(problems).Except(Others));
        Assert.Empty(problems.Except(written));
    }

    [GeneratedRegex("\"(?<code>[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
