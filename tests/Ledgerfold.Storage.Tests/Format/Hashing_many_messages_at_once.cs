using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Tests.Format;

public sealed class Hashing_many_messages_at_once
{
    [Fact]
    public void Gives_what_the_framework_gives_for_any_number_and_length()
    {
        var lengths = Gen.Choose(0, 400).ListOf().Select(all => all.ToArray()).ToArbitrary();
        Prop.ForAll(lengths, all => AllAgree(all)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Gives_what_the_framework_gives_around_every_block_edge()
    {
        foreach (var edge in (int[])[0, 55, 56, 63, 64, 119, 120, 127, 128, 192, 1_000_003])
            Assert.True(AllAgree([edge, edge + 1, 3, edge, 70, edge + 2, 0, edge, edge + 1]), $"around {edge}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5000)]
    public void Gives_the_root_that_single_leaves_give(int count)
    {
        var leaves = new byte[count * Sha256Lanes.DigestBytes];
        new Random(count).NextBytes(leaves);
        var one = new MerkleTree();
        for (var l = 0; l < count; l++)
            one.Add(leaves.AsSpan(l * Sha256Lanes.DigestBytes, Sha256Lanes.DigestBytes));
        var all = new MerkleTree();
        all.AddAll(leaves);

        Assert.Equal(one.ToRoot(), all.ToRoot());
        Assert.Equal(one.Count, all.Count);
    }

    private static bool AllAgree(int[] lengths)
    {
        var bytes = new byte[lengths.Sum()];
        new Random(lengths.Length).NextBytes(bytes);
        var ranges = new HashedRange[lengths.Length];
        for (int r = 0, at = 0; r < ranges.Length; at += lengths[r++])
            ranges[r] = new HashedRange(at, lengths[r]);
        var digests = new byte[ranges.Length * Sha256Lanes.DigestBytes];
        Sha256Lanes.Hash(bytes, ranges, digests);
        return ranges.Select((range, r) => (range, r)).All(one =>
            SHA256.HashData(bytes.AsSpan(one.range.Offset, one.range.Length))
                .AsSpan()
                .SequenceEqual(digests.AsSpan(one.r * Sha256Lanes.DigestBytes, Sha256Lanes.DigestBytes)));
    }
}
