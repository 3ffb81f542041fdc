using System.Text;

namespace Ledgerfold.Durability.Child;

/// <summary>
/// Standard output, a line at a time: each is with the kernel before the call returns, so that a process that dies the moment after has
/// still said it. Any thread.
/// </summary>
internal sealed class Voice
{
    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();

    public void Say(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
            _output.Write(bytes);
    }
}
