using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold.Durability.Child;

/// <summary>
/// One append, known by its name alone: which generation of the process made it, which of its tasks, and the how-manieth it was. Name and
/// content determine each other, so whoever finds an event can say what it must be.
/// </summary>
public readonly record struct Deed(int Generation, int Task, int Number)
{
    private const int EventsMax = 12;

    /// <summary>How many events the append has.</summary>
    public int EventCount => Hash % 10 == 0 ? EventsMax : 1 + (Hash % 3);

    /// <summary>The consumer whose cursor counts the deeds of a task.</summary>
    public static string ConsumerOf(int task) => $"task {task}";

    /// <summary>The deed that an event belongs to, and its place in it.</summary>
    public static (Deed Deed, int Event) Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return (new Deed(At(bytes, 0), At(bytes, 1), At(bytes, 2)), At(bytes, 3));
    }

    /// <summary>The deed of this name.</summary>
    public static Deed Parse(string name)
    {
        var parts = name.Split('.');
        return new Deed(int.Parse(parts[0]), int.Parse(parts[1]), int.Parse(parts[2]));
    }

    /// <summary>The whole append, which also moves the cursor of its task by one.</summary>
    public AppendRequest ToRequest(long cursor)
    {
        var events = Enumerable.Range(0, EventCount).Select(ToEvent).ToImmutableArray();
        var first = new StreamWrite { Stream = StreamOf(0), Events = [events[0]] };
        var others = new StreamWrite { Stream = StreamOf(1), Events = [.. events.Skip(1)] };
        return new AppendRequest
        {
            Writes = EventCount == 1 ? [first] : [first, others],
            CursorMoves = [new CursorMove { Consumer = ConsumerOf(Task), Expected = cursor, Next = cursor + 1 }],
        };
    }

    /// <summary>What is wrong with an event that claims to be one of this deed; null when nothing is.</summary>
    public string? FindFault(RecordedEvent recorded, int number)
    {
        if (number >= EventCount)
            return "has no such event";
        var right = ToEvent(number);
        if (recorded.Stream != StreamOf(number))
            return $"stands in {recorded.Stream}";
        if (recorded.Type != right.Type || recorded.Actor != right.Actor || !recorded.Tags.SequenceEqual(right.Tags))
            return "has another header";
        return recorded.Data.Span.SequenceEqual(right.Data.Span) ? null : "has other data";
    }

    public override string ToString() => $"{Generation}.{Task}.{Number}";

    private int Hash => (int)((((uint)Generation * 7919) + ((uint)Task * 104_729) + ((uint)Number * 2_654_435_761)) % 1009);

    private static int At(ReadOnlySpan<byte> bytes, int place) => BinaryPrimitives.ReadInt32LittleEndian(bytes[(place * 4)..]);

    private string StreamOf(int number) => number == 0 ? $"task-{Task}" : $"pile-{Number % 5}";

    private NewEvent ToEvent(int number) => new()
    {
        Id = IdOf(number),
        Type = $"Done{Hash % 4}",
        Actor = ConsumerOf(Task),
        Tags = [$"deed:{this}"],
        Data = Encoding.UTF8.GetBytes($"{{\"deed\":\"<{this}>\",\"event\":{number},\"fill\":\"{new string('f', Hash % 500)}\"}}"),
    };

    private Guid IdOf(int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        ReadOnlySpan<int> parts = [Generation, Task, Number, number];
        for (var p = 0; p < parts.Length; p++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(p * 4)..], parts[p]);
        return new Guid(bytes);
    }
}
