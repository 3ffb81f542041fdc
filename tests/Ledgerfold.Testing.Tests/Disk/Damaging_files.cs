using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class Damaging_files
{
    private readonly SimulatedDisk _disk = new(3);

    public Damaging_files()
    {
        _disk.CreateDirectory();
        using var file = _disk.Create("a");
        file.Write("hello"u8, 0);
        file.Sync();
        _disk.SyncDirectory();
    }

    [Fact]
    public void Flips_a_bit()
    {
        _disk.Corrupt.FlipBit("a", 1, 5);
        Expect("hEllo"u8);
    }

    [Fact]
    public void Overwrites_bytes()
    {
        _disk.Corrupt.Overwrite("a", 3, "p!"u8);
        Expect("help!"u8);
    }

    [Fact]
    public void Strikes_bytes_that_are_not_durable_too()
    {
        using (var file = _disk.Open("a", writable: true))
            file.Write("J"u8, 0);
        _disk.Corrupt.FlipBit("a", 4, 0);
        Assert.Equal("Jelln"u8, _disk.Content("a"));
        _disk.Crash(CrashKind.PowerCut);
        Assert.Equal("elln"u8, _disk.Content("a").AsSpan(1));
    }

    [Fact]
    public void Cuts_a_file_off()
    {
        _disk.Corrupt.Truncate("a", 2);
        Expect("he"u8);
        using var file = _disk.Open("a", writable: true);
        file.Write("!"u8, 4);
        Assert.Equal("he\0\0!"u8, _disk.Content("a"));
    }

    [Fact]
    public void Deletes_a_file()
    {
        _disk.Corrupt.Delete("a");
        Assert.Empty(_disk.Names());
        _disk.Crash(CrashKind.PowerCut);
        Assert.Empty(_disk.Names());
    }

    [Fact]
    public void Duplicates_a_file()
    {
        _disk.Corrupt.Duplicate("a", "b");
        _disk.Corrupt.FlipBit("a", 1, 5);
        _disk.Crash(CrashKind.PowerCut);
        Assert.Equal("hello"u8, _disk.Content("b"));
        Expect("hEllo"u8);
    }

    [Fact]
    public void Replaces_a_file()
    {
        _disk.Corrupt.Replace("a", "foreign"u8);
        Expect("foreign"u8);
    }

    [Fact]
    public void Refuses_what_lies_beyond_the_end()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _disk.Corrupt.FlipBit("a", 5, 0));
    }

    private void Expect(ReadOnlySpan<byte> content)
    {
        Assert.Equal(content, _disk.Content("a"));
        _disk.Crash(CrashKind.PowerCut);
        Assert.Equal(content, _disk.Content("a"));
    }
}
