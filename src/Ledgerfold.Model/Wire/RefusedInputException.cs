namespace Ledgerfold.Model.Wire;

/// <summary>The input is not what it must be. Caught by its reader, which tells what was wrong.</summary>
internal sealed class RefusedInputException(string field, string rule) : Exception($"{field}: {rule}")
{
    public string Field { get; } = field;

    public string Rule { get; } = rule;
}
