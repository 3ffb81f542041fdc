using System.CommandLine;

namespace Ledgerfold.Cli.Online;

/// <summary>A permission as people type it: <c>read acme order</c>, <c>deny append * salary</c>.</summary>
internal sealed record PermissionText(string Effect, string Right, string? Tenant, string? Category)
{
    private const string Rule = "[deny] append, read, readPayload, operate or administer, then a tenant and a category, or * for all";

    private static readonly string[] Rights = ["append", "read", "readPayload", "operate", "administer"];

    public static Option<string[]> Option(string name, string description)
    {
        var option = new Option<string[]>(name)
        {
            Description = $"{description}, such as 'read acme order'; repeated.",
            HelpName = "PERMISSION",
        };
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any() && (result.GetValueOrDefault<string[]>() ?? []).Any(static text => TryParse(text) is null))
                result.AddError($"{name}: {Rule}");
        });
        return option;
    }

    public static PermissionText Parse(string text) => TryParse(text)!;

    private static PermissionText? TryParse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isDenied = words is ["deny", ..];
        if (words is ["deny" or "allow", ..])
            words = words[1..];
        return words.Length is >= 1 and <= 3 && Rights.Contains(words[0])
            ? new PermissionText(isDenied ? "deny" : "allow", words[0], words.ElementAtOrDefault(1), words.ElementAtOrDefault(2))
            : null;
    }
}
