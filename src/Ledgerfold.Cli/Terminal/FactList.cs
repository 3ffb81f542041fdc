namespace Ledgerfold.Cli.Terminal;

/// <summary>Names with values below one another, for people.</summary>
internal sealed class FactList
{
    private readonly List<(string Name, string Value)> _facts = [];

    public FactList Add(string name, object? value)
    {
        if (value is not null)
            _facts.Add((name, SafeText.OneLine(value.ToString()!)));
        return this;
    }

    public void Write(StandardOutput output)
    {
        var width = _facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in _facts)
            output.Line($"{name.PadRight(width)}  {value}");
        output.Flush();
    }
}
