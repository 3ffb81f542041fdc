namespace Ledgerfold.Simulation;

/// <summary>The engine did what it must not.</summary>
/// <param name="oracle">Who says so: the stable name of a rule that holds in every run.</param>
/// <param name="message">What it saw.</param>
internal sealed class OracleException(string oracle, string message) : Exception(message)
{
    public string Oracle { get; } = oracle;
}
