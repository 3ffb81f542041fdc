namespace Ledgerfold.Cli.Json;

/// <summary>A line of input is not what it must be. Caught by the reader of the line, which answers it and goes on.</summary>
internal sealed class RefusedInputException(string field, string rule) : Exception($"{field}: {rule}")
{
    public string Field { get; } = field;

    public string Rule { get; } = rule;
}
