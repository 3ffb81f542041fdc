using System.Text.Json;

namespace Ledgerfold.Cli.Appending;

/// <summary>Appends lines of input, each by itself. The bytes of a line are valid until the call returns its task.</summary>
internal interface ILineAppends
{
    Task<LineAnswer> Append(InputLine line);
}

/// <summary>What became of a line.</summary>
/// <param name="ExitCode">How the program ends where it is the worst.</param>
/// <param name="Write">Writes the fields that tell it.</param>
internal sealed record LineAnswer(int ExitCode, Action<Utf8JsonWriter> Write);
