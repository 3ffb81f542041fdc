using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Writing;
using Ledgerfold.Testing;

namespace Ledgerfold.Storage.Tests.Format;

public sealed class Encoding_appends
{
    private const long RecordedAt = 1_735_689_600_123_456;

    private static readonly KeyHasher Hasher = new(new byte[16]);

    [Fact]
    public void Gives_back_every_event_as_it_was() =>
        Prop.ForAll(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new SeededRandom((ulong)seed);
            RoundTrip(RandomAppend(random, random.Between(1, 8)), new SeededChance((ulong)seed));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Gives_back_every_optional_part_present_and_absent()
    {
        for (var parts = 0; parts < 128; parts++)
            RoundTrip(AppendRequest.To("order-1", Expectation.Any, WithParts(parts)), new SeededChance(1));
    }

    [Fact]
    public void Gives_back_what_is_as_long_as_it_may_be()
    {
        var name = new string('ä', 255) + "xy";
        var item = new NewEvent
        {
            Id = Given.Id(1),
            Type = name,
            SchemaVersion = int.MaxValue,
            ContentType = name,
            CorrelationId = new string('c', 500),
            CausationId = name,
            Actor = name,
            TraceParent = name,
            EffectiveAt = DateTimeOffset.MinValue,
            Tags = [.. Enumerable.Range(0, 32).Select(t => $"t{t:D2}:" + new string('v', 508))],
            Headers = [.. Enumerable.Range(0, 12).Select(h => KeyValuePair.Create($"h{h}", new string('\n', 64 * 1024)))],
            Data = new byte[200_000],
        };
        Assert.Null(Limits.Check(AppendRequest.To("order-1", Expectation.Any, item)));
        RoundTrip(AppendRequest.To("order-" + new string('s', 506), Expectation.Any, item) with { Tenant = name }, new SeededChance(2));
    }

    [Fact]
    public void Gives_back_data_byte_for_byte()
    {
        byte[][] cases =
        [
            [0],
            [.. Enumerable.Range(0, 256).Select(n => (byte)n)],
            "{\"a\":1,\"a\":2, \"x\":1e400}\r\n\t"u8.ToArray(),
            new byte[1_000_000],
        ];
        foreach (var data in cases)
            RoundTrip(AppendRequest.To("order-1", Expectation.Any, Given.Event(1) with { Data = data }), new SeededChance(3));
    }

    [Fact]
    public void Gives_back_cursor_moves()
    {
        ImmutableArray<string> keys = [.. Enumerable.Range(0, 1000).Select(n => $"key {n} ✓")];
        var moves = ImmutableArray.Create(
            new CursorMove { Consumer = "c", Expected = 0, Next = 1 },
            new CursorMove { Consumer = new string('ü', 256), Partition = int.MaxValue, Expected = 1L << 62, Next = long.MaxValue },
            new CursorMove { Consumer = "held", Expected = 5, Next = 6, HeldKeys = keys });
        RoundTrip(new AppendRequest { Tenant = "tenant ✓", CursorMoves = moves }, new SeededChance(4));
    }

    [Fact]
    public void Notices_every_flipped_bit_of_a_record()
    {
        var record = Records(AppendRequest.To("order-1", Expectation.Any, WithParts(127)), new SeededChance(5))[0];
        Assert.True(RecordView.TryRead(record, out _));
        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RecordView.TryRead(record, out _), $"bit {bit}");
            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Never_reads_a_record_out_of_too_few_bytes()
    {
        var record = Records(AppendRequest.To("order-1", Expectation.Any, WithParts(127)), new SeededChance(5))[0];
        for (var length = 0; length < record.Length; length++)
            Assert.False(RecordView.TryRead(record.AsSpan(0, length), out _));
    }

    [Fact]
    public void Salts_equal_content_differently()
    {
        var request = new AppendRequest
        {
            Writes = [new StreamWrite { Stream = "order-1", Events = [Given.Event(1), Given.Event(1) with { Id = Given.Id(2) }] }],
        };
        var records = Records(request, new SeededChance(6));
        Assert.NotEqual(DigestOf(records[0]), DigestOf(records[1]));
    }

    private static string DigestOf(byte[] record)
    {
        Assert.True(RecordView.TryRead(record, out var view));
        return Convert.ToHexString(view.Header.Slice(RecordFormat.DigestOffset, RecordFormat.HashBytes));
    }

    private static NewEvent WithParts(int parts) => new()
    {
        Id = Given.Id(parts + 1),
        Type = "Happened",
        Data = new byte[] { 1, 2, 3 },
        CorrelationId = (parts & 1) != 0 ? "correlation" : null,
        CausationId = (parts & 2) != 0 ? "cause" : null,
        Actor = (parts & 4) != 0 ? "actor" : null,
        TraceParent = (parts & 8) != 0 ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" : null,
        EffectiveAt = (parts & 16) != 0 ? new DateTimeOffset(1999, 12, 31, 23, 59, 59, TimeSpan.Zero) : null,
        Tags = (parts & 32) != 0 ? ["a:1", "b:2"] : default,
        Headers = (parts & 64) != 0 ? [KeyValuePair.Create("h", ""), KeyValuePair.Create("i", "x\ny")] : default,
    };

    private static AppendRequest RandomAppend(SeededRandom random, int events) => new()
    {
        Tenant = Text(random, 20),
        Writes =
        [
            .. Enumerable.Range(0, events).Select(w => new StreamWrite
            {
                Stream = $"order-{w}{Text(random, 30)}",
                Close = random.OneIn(3),
                Events = [.. Enumerable.Range(0, random.Between(1, 4)).Select(e => RandomEvent(random))],
            }),
        ],
        CursorMoves = [.. Enumerable.Range(0, random.Below(3)).Select(m => RandomMove(random, m))],
    };

    private static CursorMove RandomMove(SeededRandom random, int partition) => new()
    {
        Consumer = Text(random, 9),
        Partition = partition,
        Expected = partition,
        Next = partition + 1,
        HeldKeys = random.Coin() ? [Text(random, 9)] : default,
    };

    private static NewEvent RandomEvent(SeededRandom random)
    {
        var id = new byte[16];
        random.Fill(id);
        var data = new byte[random.Between(1, 700)];
        random.Fill(data);
        return WithParts(random.Below(128)) with
        {
            Id = new Guid(id),
            Type = Text(random, 40),
            SchemaVersion = random.Between(1, int.MaxValue - 1),
            Data = data,
            ContentType = Text(random, 40),
        };
    }

    private static string Text(SeededRandom random, int lengthMax)
    {
        var text = new StringBuilder();
        for (var left = random.Between(1, lengthMax); left > 0; left--)
            text.Append(random.Pick<string>(["a", "Z", "0", "-", " ", "ß", "→", "漢", "😀"]));
        return text.ToString();
    }

    /// <summary>The records of the append in a batch of its own, whose chain is held against one that is computed the plain way.</summary>
    private static List<byte[]> Records(AppendRequest request, SeededChance chance)
    {
        request = Canonical.Of(request);
        var encoded = new EncodedAppend();
        encoded.Encode(request, Canonical.WeightOf(request), Hasher, new Salts(chance));
        var batch = new BatchBuffer();
        batch.Begin(100, RecordedAt);
        for (var r = 0; r < encoded.RecordCount; r++)
        {
            if (r < encoded.EventCount)
                batch.AddEvent(encoded, r, version: 200 + r);
            else
                batch.AddCursorMove(encoded, r);
        }

        var chain = new byte[RecordFormat.HashBytes];
        var bytes = batch.Finish(BatchKind.Data, 0, Guid.Empty, 1, RecordedAt, 0, chain).ToArray();
        var records = new List<byte[]>();
        for (var at = BatchFormat.HeaderBytes; records.Count < encoded.RecordCount; at += records[^1].Length)
            records.Add(bytes.AsSpan(at, RecordFormat.LengthOf(bytes.AsSpan(at))).ToArray());
        Assert.Equal(ChainOf(records, encoded.EventCount), chain);
        return records;
    }

    private static byte[] ChainOf(List<byte[]> records, int events)
    {
        var chained = new List<byte>([.. new byte[RecordFormat.HashBytes], .. Bytes(100), .. Bytes(RecordedAt)]);
        for (var r = 0; r < records.Count; r++)
        {
            Assert.True(RecordView.TryRead(records[r], out var record));
            chained.AddRange([.. Bytes(r < events ? 200 + r : 0), .. SHA256.HashData([0, .. record.Header])]);
        }

        return SHA256.HashData(chained.ToArray());

        static byte[] Bytes(long number)
        {
            var bytes = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            return bytes;
        }
    }

    private static void RoundTrip(AppendRequest request, SeededChance chance)
    {
        var records = Records(request, chance);
        var texts = new TextCache();
        var r = 0;
        foreach (var write in request.Writes)
        {
            for (var e = 0; e < write.Events.Length; e++, r++)
            {
                Assert.True(RecordView.TryRead(records[r], out var record));
                Assert.True(record.PayloadAgrees());
                Assert.Equal(r, record.AppendIndex);
                Assert.Equal(write.Close && e == write.Events.Length - 1, record.ClosesStream);
                ShouldBe(request.Tenant, write.Stream, write.Events[e], EventDecoder.Decode(record, texts), r);
            }
        }

        foreach (var move in request.CursorMoves)
        {
            Assert.True(RecordView.TryRead(records[r++], out var record));
            var (tenant, decoded) = EventDecoder.DecodeCursor(record);
            Assert.Equal(request.Tenant, tenant);
            Assert.Equal(move.HeldKeys.IsDefault ? [] : move.HeldKeys, decoded.HeldKeys.AsEnumerable());
            Assert.Equal(move with { HeldKeys = default }, decoded with { HeldKeys = default });
        }
    }

    private static void ShouldBe(string tenant, string stream, NewEvent given, RecordedEvent recorded, int r)
    {
        Assert.Equal(100 + r, recorded.Position);
        Assert.Equal(200 + r, recorded.Version);
        Assert.Equal(Times.FromMicros(RecordedAt), recorded.RecordedAt);
        Assert.Equal(tenant, recorded.Tenant);
        Assert.Equal(stream, recorded.Stream);
        Assert.Equal(given.Id, recorded.Id);
        Assert.Equal(given.Type, recorded.Type);
        Assert.Equal(given.SchemaVersion, recorded.SchemaVersion);
        Assert.Equal(given.ContentType, recorded.ContentType);
        Assert.Equal(given.EffectiveAt, recorded.EffectiveAt);
        Assert.Equal(given.CorrelationId, recorded.CorrelationId);
        Assert.Equal(given.CausationId, recorded.CausationId);
        Assert.Equal(given.Actor, recorded.Actor);
        Assert.Equal(given.TraceParent, recorded.TraceParent);
        Assert.Equal(given.Tags.IsDefault ? [] : given.Tags, recorded.Tags.AsEnumerable());
        Assert.Equal(given.Headers.IsDefault ? [] : given.Headers, recorded.Headers.AsEnumerable());
        Assert.True(given.Data.Span.SequenceEqual(recorded.Data.Span));
        Assert.False(recorded.Erased);
    }
}
