namespace Ledgerfold.Storage.Index;

/// <summary>A page of a run is not what was written: the run must be built again from the log (<see cref="IndexSet.Replace"/>).</summary>
internal sealed class RunDamagedException(string file, long offset) : Exception($"{file} is damaged at offset {offset}")
{
    public string File { get; } = file;

    public long Offset { get; } = offset;
}
