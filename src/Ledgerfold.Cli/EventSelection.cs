using System.Collections.Immutable;
using System.CommandLine;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli;

/// <summary>Which events a verb is about: the options that say so, the same for each.</summary>
internal sealed class EventSelection
{
    private readonly Option<string?> _stream = new("--stream") { Description = "Only events of this stream.", HelpName = "STREAM" };

    private readonly Option<string?> _category =
        new("--category") { Description = "Only events of streams of this category.", HelpName = "CATEGORY" };

    private readonly Option<string[]> _type =
        new("--type") { Description = "Only events of this type; repeated: of any of them.", HelpName = "TYPE" };

    private readonly Option<string[]> _tag =
        new("--tag") { Description = "Only events with this tag; repeated: with all of them.", HelpName = "NAME:VALUE" };

    private readonly Option<long> _after = new("--after") { Description = "Only positions above this one.", HelpName = "POSITION" };

    private readonly Option<long?> _before = new("--before") { Description = "Only positions below this one.", HelpName = "POSITION" };

    private readonly Option<string> _tenant = LedgerDirectory.TenantOption();

    private readonly Option<bool> _allTenants = new("--all-tenants") { Description = "The events of every tenant." };

    public ImmutableArray<Option> OfEvents => [_stream, _category, _type, _tag, _after, _before];

    public ImmutableArray<Option> OfTenants => [_tenant, _allTenants];

    public bool AcrossTenants(ParseResult parsed) => parsed.GetValue(_allTenants);

    public ReadRequest Read(ParseResult parsed) => new()
    {
        Tenant = parsed.GetValue(_tenant)!,
        Query = EventQuery.Of(new QueryItem
        {
            Types = [.. parsed.GetValue(_type) ?? []],
            Tags = [.. parsed.GetValue(_tag) ?? []],
            Stream = parsed.GetValue(_stream),
            Category = parsed.GetValue(_category),
        }),
        After = parsed.GetValue(_after),
        Before = parsed.GetValue(_before) ?? long.MaxValue,
    };

    /// <summary>The same as a question to a server.</summary>
    public ServerPath Path(ParseResult parsed) => ServerPath.Of("events")
        .With("stream", parsed.GetValue(_stream))
        .With("category", parsed.GetValue(_category))
        .WithEach("type", parsed.GetValue(_type))
        .WithEach("tag", parsed.GetValue(_tag));

    /// <exception cref="VerbFailedException">The request breaks a rule; it is told by the name of the option.</exception>
    public static void Check(ReadRequest request)
    {
        if (Limits.Check(request) is { } refused)
            throw new VerbFailedException(ExitCode.Usage, $"{OptionOf(refused.Field)}: {refused.Rule}");
    }

    private static string OptionOf(string field) => field[(field.LastIndexOf('.') + 1)..] switch
    {
        "types" => "--type",
        "tags" => "--tag",
        "items[0]" => "--type, --tag",
        var name => $"--{name}",
    };
}
