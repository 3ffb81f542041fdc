using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Durability.Child;

/// <summary>What the process was told to do, as one would write it on the command line: <c>write DIRECTORY --tasks 4 …</c>.</summary>
internal sealed record Order
{
    public required string Verb { get; init; }

    public required string Directory { get; init; }

    /// <summary>How many tasks append at the same time.</summary>
    public int Tasks { get; init; } = 1;

    /// <summary>Which generation of the process this is.</summary>
    public int Generation { get; init; }

    /// <summary>How many appends each task makes.</summary>
    public int Appends { get; init; } = int.MaxValue;

    /// <summary>The file that holds what earlier processes said; the ledger is held against it before anything is written.</summary>
    public string? OathFile { get; init; }

    /// <summary>Whether to stay, with the ledger open, when all is done.</summary>
    public bool Stays { get; init; }

    /// <summary>Whether to wait for a line on standard input once the ledger is open, before anything is appended.</summary>
    public bool Waits { get; init; }

    public long SegmentBytes { get; init; } = 8 * 1024;

    /// <summary>How long an idle writer leaves its last batch without a voucher.</summary>
    public TimeSpan VouchAfterIdle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Memory of a fold store: little, so that it writes and merges tables all the time.</summary>
    public long MemoryBytes { get; init; } = 32 * 1024;

    public EmbeddedFoldStoreOptions ToFoldOptions() =>
        new() { Disk = new LinuxDisk(Directory), MemoryBytes = MemoryBytes, LogStepBytes = MemoryBytes };

    public EmbeddedLedgerOptions ToOptions() => new()
    {
        Disk = new LinuxDisk(Directory),
        SegmentBytes = SegmentBytes,
        SegmentEventsMax = 2_000,
        ZeroAheadBytes = Math.Min(2 * SegmentBytes, 256 * 1024),
        VouchAfterIdle = VouchAfterIdle,
    };

    public static Order Parse(string[] words)
    {
        var order = new Order { Verb = words[0], Directory = words[1] };
        for (var w = 2; w + 1 < words.Length; w += 2)
            order = order.With(words[w], words[w + 1]);
        return order;
    }

    private Order With(string option, string value) => option switch
    {
        "--tasks" => this with { Tasks = int.Parse(value) },
        "--generation" => this with { Generation = int.Parse(value) },
        "--appends" => this with { Appends = int.Parse(value) },
        "--oath" => this with { OathFile = value },
        "--stay" => this with { Stays = bool.Parse(value) },
        "--wait" => this with { Waits = bool.Parse(value) },
        "--segment" => this with { SegmentBytes = long.Parse(value) },
        "--memory" => this with { MemoryBytes = long.Parse(value) },
        "--vouch-seconds" => this with { VouchAfterIdle = TimeSpan.FromSeconds(int.Parse(value)) },
        _ => throw new ArgumentException($"{option} is no option", nameof(option)),
    };
}
