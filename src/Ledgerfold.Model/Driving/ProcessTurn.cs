namespace Ledgerfold.Model.Driving;

/// <summary>
/// An input's turn in a process, that stands at a position. It may come to more than one append takes: then what there is of it is appended
/// with the cursor before the input, and the rest follows.
/// </summary>
internal sealed class ProcessTurn(long position, ProcessDraft draft, Func<ProcessDraft, Task<ProcessDraft>> append)
{
    public long Position => position;

    public ProcessDraft Draft { get; private set; } = draft;

    public ValueTask MakeRoom() => Draft.IsFull ? Append() : default;

    private async ValueTask Append() => Draft = await append(Draft);
}
