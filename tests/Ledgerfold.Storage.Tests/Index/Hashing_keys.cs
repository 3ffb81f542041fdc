using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Tests.Index;

public class Hashing_keys
{
    private static readonly KeyHasher s_hasher = new([.. Enumerable.Range(0, 16).Select(i => (byte)i)]);

    /// <summary>From the reference vectors of SipHash-2-4 with 128 bits: the message of n bytes is 00 01 02 ….</summary>
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(7, "a1f1ebbed8dbc153c0b84aa61ff08239")]
    [InlineData(8, "3b62a9ba6258f5610f83e264f31497b4")]
    [InlineData(9, "264499060ad9baabc47f8b02bb6d71ed")]
    [InlineData(15, "5493e99933b0a8117e08ec0f97cfc3d9")]
    [InlineData(16, "6ee2a4ca67b054bbfd3315bf85230577")]
    [InlineData(31, "2939b0183223fafc1723de4f52c43d35")]
    [InlineData(63, "5150d1772f50834a503e069a973fbd7c")]
    public void Is_siphash_2_4_with_128_bits(int length, string expected)
    {
        var key = s_hasher.Hash([.. Enumerable.Range(0, length).Select(i => (byte)i)]);
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, key.High);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), key.Low);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Never_takes_one_thing_for_another()
    {
        var id = new Guid("31313131-3131-3131-3131-313131313131");
        const string Text = "1111111111111111"; // the same 16 bytes as the id
        IndexKey[] keys =
        [
            s_hasher.OfId("a", id), s_hasher.OfStream("a", Text), s_hasher.OfCategory("a", Text), s_hasher.OfType("a", Text),
            s_hasher.OfTag("a", Text), s_hasher.OfPlatform("a"), s_hasher.OfOrdinary("a"), s_hasher.OfStream("a1", Text.AsSpan(1)),
            s_hasher.OfStream("b", Text), s_hasher.OfStream("", "a" + Text), new KeyHasher("0123456789abcdef"u8).OfStream("a", Text),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Hashes_texts_as_their_utf8()
    {
        var longest = new string('ü', 2_000);
        Assert.Equal(s_hasher.OfTag("t"u8, "größe:ü"u8), s_hasher.OfTag("t", "größe:ü"));
        Assert.Equal(s_hasher.OfTag("t"u8, System.Text.Encoding.UTF8.GetBytes(longest)), s_hasher.OfTag("t", longest));
        Assert.Equal(s_hasher.OfId("t"u8, Guid.AllBitsSet), s_hasher.OfId("t", Guid.AllBitsSet));
        Assert.Equal(s_hasher.OfPlatform("t"u8), s_hasher.OfPlatform("t"));
    }

    [Fact]
    public void Allocates_nothing()
    {
        Hash();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Hash();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Hash()
        {
            s_hasher.OfId("tenant"u8, Guid.AllBitsSet);
            s_hasher.OfStream("tenant"u8, "order-42"u8);
            s_hasher.OfTag("tenant", "vendor:V2");
        }
    }
}
