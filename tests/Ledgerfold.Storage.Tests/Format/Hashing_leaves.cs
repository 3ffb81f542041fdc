using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Testing;

namespace Ledgerfold.Storage.Tests.Format;

public sealed class Hashing_leaves
{
    // The inputs and roots of the tests of the reference implementation of RFC 6962.
    private static readonly string[] PublishedInputs =
    [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ];

    private static readonly string[] PublishedRoots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Gives_the_published_roots()
    {
        var tree = new MerkleTree();
        Assert.Equal(PublishedRoots[0], Convert.ToHexStringLower(tree.ToRoot()));
        for (var n = 0; n < PublishedInputs.Length; n++)
        {
            tree.Add(LeafOf(Convert.FromHexString(PublishedInputs[n])));
            Assert.Equal(PublishedRoots[n + 1], Convert.ToHexStringLower(tree.ToRoot()));
        }
    }

    [Fact]
    public void Agrees_with_the_definition_for_every_small_count()
    {
        var leaves = Leaves(300);
        var tree = new MerkleTree();
        for (var count = 1; count <= leaves.Length; count++)
        {
            tree.Add(leaves[count - 1]);
            Assert.Equal(count, tree.Count);
            Assert.Equal(Naive(leaves.AsSpan(0, count)), tree.ToRoot());
        }
    }

    [Theory]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(4100)]
    public void Agrees_with_the_definition_when_many_come_at_once(int count)
    {
        var leaves = Leaves(count);
        var list = new LeafList();
        foreach (var leaf in leaves)
            list.Add(leaf);
        var tree = new MerkleTree();
        list.AddTo(tree);
        Assert.Equal(count, tree.Count);
        Assert.Equal(Naive(leaves), tree.ToRoot());
    }

    [Fact]
    public void Agrees_with_the_definition_however_they_are_grouped() =>
        Prop.ForAll<ushort, byte>((total, before) =>
        {
            var leaves = Leaves((total % 3000) + before + 1);
            var tree = new MerkleTree();
            for (var n = 0; n < before; n++)
                tree.Add(leaves[n]);
            tree.AddAll(leaves.Skip(before).SelectMany(leaf => leaf).ToArray());
            return tree.ToRoot().AsSpan().SequenceEqual(Naive(leaves));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x22620404u)]
    public void Gives_the_published_checksums(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Gives_the_checksums_of_the_iscsi_standard()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(n => (byte)n)]));
        Assert.Equal(0x113FDB5Cu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(n => (byte)(31 - n))]));
    }

    [Fact]
    public void Continues_a_checksum_over_any_cut() =>
        Prop.ForAll<byte[], byte>((bytes, cut) =>
        {
            var at = bytes.Length == 0 ? 0 : cut % bytes.Length;
            return Crc32C.Append(Crc32C.Of(bytes.AsSpan(0, at)), bytes.AsSpan(at)) == Crc32C.Of(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Sums_long_spans_as_it_sums_single_bytes()
    {
        var random = new SeededRandom(7);
        foreach (var length in (int[])[4_079, 4_080, 4_081, 4_092, 8_160, 12_251, 50_000])
        {
            var bytes = new byte[length];
            random.Fill(bytes);

            var single = bytes.Aggregate(Crc32C.Of("before"u8), static (crc, one) => Crc32C.Append(crc, [one]));

            Assert.Equal(single, Crc32C.Append(Crc32C.Of("before"u8), bytes));
        }
    }

    private static byte[] LeafOf(byte[] input) => SHA256.HashData([0, .. input]);

    private static byte[][] Leaves(int count)
    {
        var random = new SeededRandom((ulong)count);
        var leaves = new byte[count][];
        for (var n = 0; n < count; n++)
            random.Fill(leaves[n] = new byte[32]);
        return leaves;
    }

    private static byte[] Naive(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
            return leaves[0];
        var split = 1;
        while (split * 2 < leaves.Length)
            split *= 2;
        return SHA256.HashData([1, .. Naive(leaves[..split]), .. Naive(leaves[split..])]);
    }
}

public sealed class Telling_time_in_microseconds
{
    [Theory]
    [InlineData("1970-01-01T00:00:00.0000000Z", 0)]
    [InlineData("1970-01-01T00:00:00.0000019Z", 1)]
    [InlineData("1969-12-31T23:59:59.9999999Z", -1)]
    [InlineData("1969-12-31T23:59:59.9999990Z", -1)]
    [InlineData("1969-12-31T23:59:59.9999989Z", -2)]
    [InlineData("2025-01-01T01:00:00.0000000+01:00", 1735689600000000)]
    public void Cuts_what_is_finer_towards_the_past(string time, long micros) =>
        Assert.Equal(micros, Times.ToMicros(DateTimeOffset.Parse(time)));

    [Fact]
    public void Comes_back_from_its_microseconds()
    {
        DateTimeOffset[] times =
        [
            DateTimeOffset.MinValue, DateTimeOffset.UnixEpoch, new(2025, 2, 3, 4, 5, 6, TimeSpan.FromHours(-9)), DateTimeOffset.MaxValue,
        ];
        foreach (var time in times)
        {
            var back = Times.FromMicros(Times.ToMicros(time));
            Assert.Equal(TimeSpan.Zero, back.Offset);
            Assert.True(time - back is var lost && lost >= TimeSpan.Zero && lost < TimeSpan.FromMicroseconds(1));
            Assert.True(Times.SameMicrosecond(time, back));
        }
    }
}
