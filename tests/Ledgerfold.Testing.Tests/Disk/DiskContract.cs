using Ledgerfold.Seams;

namespace Ledgerfold.Testing.Tests.Disk;

/// <summary>What every disk promises while nothing crashes; the engine may rely on this and on nothing else.</summary>
public abstract class DiskContract
{
    /// <summary>A disk whose directory does not exist yet, the same for the whole test.</summary>
    protected abstract IDisk Missing { get; }

    /// <summary>The same directory as another process sees it.</summary>
    protected abstract IDisk Elsewhere();

    private IDisk Disk
    {
        get
        {
            Missing.CreateDirectory();
            return Missing;
        }
    }

    [Fact]
    public void The_directory_is_missing_until_it_is_created()
    {
        Assert.False(Missing.DirectoryExists);
        Assert.Throws<DirectoryNotFoundException>(Missing.List);
        Assert.Throws<DirectoryNotFoundException>(() => Missing.Create("a"));
        Missing.CreateDirectory();
        Assert.True(Missing.DirectoryExists);
        Assert.Empty(Missing.List());
    }

    [Fact]
    public void Creating_the_directory_again_changes_nothing()
    {
        Disk.Create("a").Dispose();
        Disk.CreateDirectory();
        Assert.Equal(["a"], Disk.List());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("/a")]
    [InlineData("a\0b")]
    public void A_name_that_is_no_plain_file_name_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => Disk.Create(name));
        Assert.Throws<ArgumentException>(() => Disk.Open(name, writable: false));
        Assert.Throws<ArgumentException>(() => Disk.Exists(name));
        Assert.Throws<ArgumentException>(() => Disk.Delete(name));
        Assert.Throws<ArgumentException>(() => Disk.Rename(name, "b"));
        Assert.Throws<ArgumentException>(() => Disk.Rename("b", name));
    }

    [Fact]
    public void A_file_is_created_once()
    {
        Disk.Create("a").Dispose();
        Assert.Throws<DiskEntryExistsException>(() => Disk.Create("a"));
        Assert.True(Disk.Exists("a"));
        Assert.False(Disk.Exists("b"));
    }

    [Fact]
    public void A_file_that_is_not_there_cannot_be_opened()
    {
        Assert.Throws<FileNotFoundException>(() => Disk.Open("a", writable: true));
        Assert.False(Disk.Exists("a"));
    }

    [Fact]
    public void Every_entry_is_listed_once()
    {
        foreach (var number in Enumerable.Range(0, 300))
            Disk.Create($"file {number} ü").Dispose();
        Assert.Equal(Enumerable.Range(0, 300).Select(number => $"file {number} ü").Order(), Disk.List().Order());
        Assert.Equal(300, Disk.List().Count);
    }

    [Fact]
    public void What_was_written_is_read_by_whoever_opens_the_file()
    {
        using var file = Disk.Create("a");
        file.Write("hello"u8, 0);
        file.Write("J"u8, 0);
        Assert.Equal("Jello"u8, All(file));
        Assert.Equal(5, file.Length);
        using var other = Elsewhere().Open("a", writable: false);
        Assert.Equal("Jello"u8, All(other));
    }

    [Fact]
    public void A_read_stops_at_the_end_of_the_file()
    {
        using var file = Disk.Create("a");
        file.Write("hello"u8, 0);
        var buffer = new byte[4];
        Assert.Equal(2, file.Read(buffer, 3));
        Assert.Equal("lo\0\0"u8, buffer);
        Assert.Equal(0, file.Read(buffer, 5));
        Assert.Equal(0, file.Read(buffer, 5_000_000_000));
        Assert.Equal(0, file.Read([], 0));
    }

    [Fact]
    public void A_write_beyond_the_end_leaves_zeros_between()
    {
        using var file = Disk.Create("a");
        file.Write("x"u8, 2_000);
        Assert.Equal(2_001, file.Length);
        Assert.Equal([.. new byte[2_000], (byte)'x'], All(file));
    }

    [Fact]
    public void A_write_of_nothing_changes_nothing()
    {
        using var file = Disk.Create("a");
        file.Write([], 100);
        Assert.Equal(0, file.Length);
    }

    [Fact]
    public void A_negative_offset_is_refused()
    {
        using var file = Disk.Create("a");
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Write("x"u8, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(new byte[1], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Reserve(-1));
    }

    [Fact]
    public void A_reservation_grows_the_file_with_zeros_and_never_shrinks_it()
    {
        using var file = Disk.Create("a");
        file.Write("hello"u8, 0);
        file.Reserve(10_000);
        Assert.Equal(10_000, file.Length);
        Assert.Equal([.. "hello"u8, .. new byte[9_995]], All(file));
        file.Reserve(100);
        Assert.Equal(10_000, file.Length);
    }

    [Fact]
    public void A_file_opened_for_reading_cannot_be_changed()
    {
        Disk.Create("a").Dispose();
        using var file = Disk.Open("a", writable: false);
        Assert.Throws<IOException>(() => file.Write("x"u8, 0));
        Assert.ThrowsAny<IOException>(() => file.Reserve(10));
        Assert.Equal(0, file.Length);
    }

    [Fact]
    public void Syncs_and_prefetches_change_nothing_that_is_read()
    {
        using var file = Disk.Create("a");
        file.Write("hello"u8, 0);
        file.Sync();
        file.Prefetch(0, 5);
        file.Prefetch(4_000, 1_000_000);
        Disk.SyncDirectory();
        Assert.Equal("hello"u8, All(file));
    }

    [Fact]
    public void A_rename_replaces_what_has_the_name()
    {
        Put("a", "new"u8);
        Put("b", "old"u8);
        using var old = Disk.Open("b", writable: false);
        Disk.Rename("a", "b");
        Assert.Equal(["b"], Disk.List());
        Assert.Equal("new"u8, Read("b"));
        Assert.Equal("old"u8, All(old));
    }

    [Fact]
    public void A_rename_to_the_same_name_changes_nothing()
    {
        Put("a", "here"u8);
        Disk.Rename("a", "a");
        Assert.Equal("here"u8, Read("a"));
    }

    [Fact]
    public void What_is_not_there_cannot_be_renamed()
    {
        Put("b", "here"u8);
        Assert.Throws<FileNotFoundException>(() => Disk.Rename("a", "b"));
        Assert.Equal("here"u8, Read("b"));
    }

    [Fact]
    public void An_open_file_outlives_its_name()
    {
        Put("a", "first"u8);
        using var file = Disk.Open("a", writable: true);
        Disk.Delete("a");
        Put("a", "second"u8);
        file.Write("F"u8, 0);
        file.Sync();
        Assert.Equal("First"u8, All(file));
        Assert.Equal("second"u8, Read("a"));
    }

    [Fact]
    public void Deleting_what_is_not_there_is_fine()
    {
        Disk.Delete("a");
        Put("a", "x"u8);
        Disk.Delete("a");
        Disk.Delete("a");
        Assert.Empty(Disk.List());
    }

    [Fact]
    public void A_closed_file_takes_no_more_calls()
    {
        var file = Disk.Create("a");
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Length);
        Assert.Throws<ObjectDisposedException>(() => file.Read(new byte[1], 0));
        Assert.Throws<ObjectDisposedException>(() => file.Write("x"u8, 0));
        Assert.Throws<ObjectDisposedException>(file.Sync);
    }

    [Fact]
    public void Only_one_holds_the_lock()
    {
        var first = Disk.TryLock();
        Assert.NotNull(first);
        Assert.Null(Elsewhere().TryLock());
        Assert.Null(Disk.TryLock());
        first.Dispose();
        first.Dispose();
        using var second = Elsewhere().TryLock();
        Assert.NotNull(second);
        first.Dispose();
        Assert.Null(Disk.TryLock());
    }

    [Fact]
    public void Random_writes_read_as_an_array_of_bytes_would()
    {
        var random = new SeededRandom(20_250_101);
        using var file = Disk.Create("a");
        var model = Array.Empty<byte>();
        for (var step = 0; step < 400; step++)
        {
            var offset = random.Below(20_000);
            var bytes = new byte[random.Below(random.OneIn(10) ? 5_000 : 700)];
            if (random.OneIn(20))
            {
                file.Reserve(offset);
                Array.Resize(ref model, Math.Max(model.Length, offset));
            }
            else if (bytes.Length > 0)
            {
                random.Fill(bytes);
                file.Write(bytes, offset);
                Array.Resize(ref model, Math.Max(model.Length, offset + bytes.Length));
                bytes.CopyTo(model, offset);
            }

            var part = new byte[random.Below(3_000)];
            var from = random.Below(25_000);
            var count = file.Read(part, from);
            Assert.Equal(model.Skip(from).Take(part.Length), part.Take(count));
        }

        Assert.Equal(model, All(file));
    }

    private static byte[] All(IDiskFile file)
    {
        var content = new byte[file.Length];
        Assert.Equal(content.Length, file.Read(content, 0));
        return content;
    }

    private void Put(string name, ReadOnlySpan<byte> content)
    {
        using var file = Disk.Create(name);
        file.Write(content, 0);
    }

    private byte[] Read(string name)
    {
        using var file = Disk.Open(name, writable: false);
        return All(file);
    }
}
